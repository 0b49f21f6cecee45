"""Small files in the formats of microscopes' makers, written from what is public."""

from __future__ import annotations

import struct

import numpy as np
import pytest

_TYPES = {"uint8": 0, "uint16": 1, "float32": 2}


def _write_czi(file, pieces, xml="", *, types=_TYPES):
    """Write pieces: what is stored, where each axis begins, and how it is packed."""
    with file.open("wb") as out:
        out.write(bytes(32 + 512))
        entries = [_czi_piece(out, *piece, types=types) for piece in pieces]
        metadata = out.tell()
        text = xml.encode()
        _segment(out, b"ZISRAWMETADATA", struct.pack("<i252x", len(text)) + text)
        directory = out.tell()
        head = struct.pack("<i124x", len(entries))
        _segment(out, b"ZISRAWDIRECTORY", head + b"".join(entries))
        out.seek(0)
        body = struct.pack("<4i32xi2qiq", 1, 0, 0, 0, 0, directory, metadata, 0, 0)
        _segment(out, b"ZISRAWFILE", body.ljust(512, b"\0"))
    return file


def _segment(out, name, body):
    body = body.ljust(-(-len(body) // 32) * 32, b"\0")
    out.write(struct.pack("<16sqq", name, len(body), len(body)) + body)


def _czi_piece(out, pixels, start, packing=0, packed=None, stored=None, *, types):
    samples = pixels.shape[-1] if pixels.ndim == 3 else 1
    kind = {1: types.get(str(pixels.dtype)), 3: 3, 4: 9}[samples]
    height, width = pixels.shape[:2]
    sizes = {"X": width, "Y": height} | dict.fromkeys(start, 1)
    sizes |= {"X": width, "Y": height}
    entry = struct.pack(
        "<2siqiiBB4si", b"DV", kind, out.tell(), 0, packing, 0, 0, b"", len(sizes)
    )
    for axis, size in sizes.items():
        coarse = (stored or {}).get(axis, size)
        entry += struct.pack(
            "<4siifi", axis.encode(), start.get(axis, 0), size, 0, coarse
        )
    data = pixels.tobytes() if packed is None else packed
    head = struct.pack("<2iq", 0, 0, len(data)) + entry.ljust(240, b"\0")
    _segment(out, b"ZISRAWSUBBLOCK", head + data)
    return entry


CZI_XML = """<ImageDocument><Metadata>
 <Scaling><Items>
  <Distance Id="X"><Value>1E-07</Value></Distance>
  <Distance Id="Y"><Value>1E-07</Value></Distance>
  <Distance Id="Z"><Value>0</Value></Distance>
 </Items></Scaling>
 <Information>
  <Image><Dimensions>
   <Channels>
    <Channel Id="Channel:0" Name="DAPI"><Color>#FF0000FF</Color>
     <ExcitationWavelength>405</ExcitationWavelength></Channel>
    <Channel Id="Channel:1" Name=""/>
   </Channels>
   <S><Scenes><Scene Index="0" Name="A1"/></Scenes></S>
   <T><Positions><Interval><Increment>2.5</Increment></Interval></Positions></T>
  </Dimensions></Image>
  <Instrument><Objectives>
   <Objective Name="Plan-Apochromat 63x/1.4"><LensNA>1.4000000001</LensNA></Objective>
  </Objectives></Instrument>
 </Information>
</Metadata></ImageDocument>"""


def _write_lif(file, images):
    """Write images by their names: pixels, and letter and step (m, s) of each axis."""
    numbers = {"X": 1, "Y": 2, "Z": 3, "T": 4, "λ": 5}
    elements, blocks = [], []
    for name, (pixels, steps) in images.items():
        dims, size = "", pixels.itemsize
        for (axis, step), length in zip(
            reversed(steps.items()), reversed(pixels.shape), strict=True
        ):
            unit = "s" if axis == "T" else "m"
            if axis != "C":
                dims += (
                    f'<DimensionDescription DimID="{numbers[axis]}" '
                    f'NumberOfElements="{length}" Origin="0" '
                    f'Length="{step * (length - 1)}" Unit="{unit}" '
                    f'BitInc="0" BytesInc="{size}"/>'
                )
            else:
                stride = size
            size *= length
        count = pixels.shape[list(steps).index("C")] if "C" in steps else 1
        channels = "".join(
            f'<ChannelDescription DataType="0" ChannelTag="0" '
            f'Resolution="{8 * pixels.itemsize}" NameOfMeasuredQuantity="" Min="0" '
            f'Max="255" Unit="" LUTName="{("Green", "Red", "Gray")[n]}" '
            f'IsLUTInverted="0" BytesInc="{n * stride if n else 0}" BitInc="0"/>'
            for n in range(count)
        )
        elements.append(
            f'<Element Name="{name}" Visibility="1" UniqueID="{name}"><Data><Image>'
            f"<ImageDescription><Channels>{channels}</Channels>"
            f"<Dimensions>{dims}</Dimensions></ImageDescription></Image></Data>"
            f'<Memory Size="{pixels.nbytes}" MemoryBlockID="Mem_{name}"/></Element>'
        )
        blocks.append((f"Mem_{name}", pixels.tobytes()))
    xml = (
        '<LMSDataContainerHeader Version="2"><Element Name="f" Visibility="1" '
        'UniqueID="f"><Data><Experiment/></Data><Memory Size="0" '
        f'MemoryBlockID="Mem_f"/><Children>{"".join(elements)}</Children></Element>'
        "</LMSDataContainerHeader>"
    )
    with file.open("wb") as out:
        text = xml.encode("utf-16-le")
        out.write(struct.pack("<iicI", 0x70, len(text) + 5, b"*", len(xml)) + text)
        for name, data in [("Mem_f", b""), *blocks]:
            text = name.encode("utf-16-le")
            head = struct.pack("<cqcI", b"*", len(data), b"*", len(name))
            out.write(
                struct.pack("<ii", 0x70, len(head) + len(text)) + head + text + data
            )
    return file


def _write_dv(
    file, pixels, *, sequence=0, waves=(525, 632), sizes=(0.1, 0.1, 0.3), order="<"
):
    """Write channels of times of depths."""
    count, times, depths, height, width = pixels.shape
    stored = {0: (0, 1, 2), 1: (1, 2, 0), 2: (1, 0, 2)}[sequence]
    head = bytearray(1024)
    sections = count * times * depths
    struct.pack_into(f"{order}4i", head, 0, width, height, sections, 6)
    struct.pack_into(f"{order}3f", head, 40, *sizes)
    extra = -(-sections * 160 // 1024) * 1024  # 8 whole numbers, 32 others each
    struct.pack_into(f"{order}i", head, 92, extra)
    struct.pack_into(f"{order}2h", head, 128, 8, 32)
    struct.pack_into(f"{order}h", head, 96, -16224)
    struct.pack_into(f"{order}2h", head, 180, times, sequence)
    struct.pack_into(f"{order}{1 + len(waves)}h", head, 196, count, *waves)
    planes = pixels.transpose(*stored, 3, 4).astype(f"{order}u2")
    file.write_bytes(bytes(head) + bytes(extra) + planes.tobytes())
    return file


def _write_nd2(file, pixels, *, period_ms=0.0, calibrated=True, probe=True):
    """Write times of depths of channels, as the third version of the format does."""
    times, depths, count, height, width = pixels.shape
    z_stack = {"eType": 4, "uLoopPars": {"uiCount": depths, "dZStep": 0.5}}
    t_loop = {"uiCount": times, "dStart": 0.0, "dPeriod": period_ms, "dDuration": 0.0}
    loops = {"eType": 1, "uLoopPars": t_loop, "ppNextLevelEx": {"i0000000000": z_stack}}
    planes = {
        f"i{n:010}": {"sDescription": f"dye {n}", "uiColor": 255 << 8 * n}
        for n in range(count)
    }
    if probe:
        for plane in planes.values():
            plane["pFluorescentProbe"] = {
                "m_ExcitationSpectrum": _spectrum(488.0),
                "m_EmissionSpectrum": _spectrum(525.0),
            }
    attributes = {
        "uiWidth": width, "uiHeight": height, "uiWidthBytes": width * count * 2,
        "uiComp": count, "uiBpcInMemory": 16, "uiBpcSignificant": 12,
        "uiSequenceCount": times * depths,
    }  # fmt: skip
    picture = {
        "bCalibrated": calibrated, "dCalibration": 0.25, "dObjectiveNA": 1.4,
        "wsObjectiveName": "Plan Apo 60x", "dObjectiveMag": 60.0,
        "sPicturePlanes": {"uiCount": count, "sPlaneNew": planes},
    }  # fmt: skip
    chunks = {
        "ImageAttributesLV!": _lite({"SLxImageAttributes": attributes}),
        "ImageMetadataSeqLV|0!": _lite({"SLxPictureMetadata": picture}),
        "ImageMetadataLV!": _lite({"SLxExperiment": loops}),
    }
    frames = pixels.reshape(-1, count, height, width).transpose(0, 2, 3, 1)
    for number, frame in enumerate(frames):
        chunks[f"ImageDataSeq|{number}!"] = bytes(8) + frame.tobytes()
    with file.open("wb") as out:
        _nd2_chunk(out, b"ND2 FILE SIGNATURE CHUNK NAME01!", b"Ver3.0".ljust(64, b"\0"))
        table = b""
        for name, data in chunks.items():
            table += name.encode() + struct.pack("<2Q", out.tell(), len(data))
            _nd2_chunk(out, name.encode().ljust(4072, b"\0"), data)
        end = b"ND2 CHUNK MAP SIGNATURE 0000001!"
        start = out.tell()
        table += end + struct.pack("<Q", start)
        _nd2_chunk(out, b"ND2 FILEMAP SIGNATURE NAME 0001!", table)
    return file


def _spectrum(wave):
    return {"uiCount": 1, "pPoint": {"Point0": {"dTValue": 1.0, "dWavelength": wave}}}


def _nd2_chunk(out, name, data):
    out.write(struct.pack("<IIQ", 0x0ABECEDA, len(name), len(data)) + name + data)


def _lite(values):
    """Pack names and values as Nikon's metadata are."""
    found = b""
    for name, value in values.items():
        text = (name + "\0").encode("utf-16-le")
        head = bytes([_lite_type(value), len(name) + 1]) + text
        if isinstance(value, dict):
            inner = _lite(value)
            size = len(head) + 12 + len(inner)
            found += head + struct.pack("<IQ", len(value), size) + inner
            found += bytes(8 * len(value))
        elif isinstance(value, str):
            found += head + (value + "\0").encode("utf-16-le")
        else:
            form = {1: "<B", 3: "<I", 6: "<d"}[head[0]]
            found += head + struct.pack(form, value)
    return found


def _lite_type(value):
    return {bool: 1, int: 3, float: 6, str: 8, dict: 11}[type(value)]


def _write_mrc(file, pixels):
    """Write a volume of single numbers with pixels of 2 angstrom."""
    head = bytearray(1024)
    depth, height, width = pixels.shape
    struct.pack_into("<4i", head, 0, width, height, depth, 2)
    struct.pack_into("<3i", head, 28, width, height, depth)
    struct.pack_into("<3f", head, 40, 2 * width, 2 * height, 2 * depth)
    head[208:216] = b"MAP \x44\x44\0\0"
    file.write_bytes(bytes(head) + pixels.astype(np.float32).tobytes())
    return file


@pytest.fixture
def write_czi():
    return _write_czi


@pytest.fixture
def write_lif():
    return _write_lif


@pytest.fixture
def write_dv():
    return _write_dv


@pytest.fixture
def write_mrc():
    return _write_mrc


@pytest.fixture
def czi_xml():
    return CZI_XML


@pytest.fixture
def whole():
    """Return a function that reads all planes of an image."""

    def read(image):
        planes = image.planes
        image.check()
        found = [planes[index] for index in np.ndindex(*planes.shape[:-2])]
        return np.stack(found).reshape(planes.shape)

    return read


@pytest.fixture
def write_nd2():
    return _write_nd2
