"""Plates for tests, and what they look like."""

import json
import time

import numpy as np

SCALE = [{"type": "scale", "scale": [1, 0.5, 0.5]}]


def well_pixels(number, shape=(2, 16, 24)):
    return np.random.default_rng(number).integers(1, 2**16, shape, "uint16")


def write_plate(
    tmp_path,
    rows=("A", "B"), columns=("1", "2", "3"), *, zarr_format=2, fields=("0",),
    without=(), shape=(2, 16, 24), omero=None, acquisitions=None,
):  # fmt: skip
    """Write a plate of wells A1, A2 ..., each with images of two levels."""
    folder = tmp_path / f"plate{zarr_format}.zarr"
    wells = [
        {"path": f"{r}/{c}", "rowIndex": i, "columnIndex": j}
        for i, r in enumerate(rows)
        for j, c in enumerate(columns)
    ]
    plate = {
        "name": "Screen", "rows": [{"name": r} for r in rows],
        "columns": [{"name": c} for c in columns], "wells": wells,
    }  # fmt: skip
    if acquisitions:
        plate["acquisitions"] = [
            {"id": n, "name": f"{n} hours"} for n in sorted(set(acquisitions))
        ]
    write_group(folder, {"plate": plate}, zarr_format)
    for number, well in enumerate(wells):
        if well["path"] in without:
            continue
        images = [{"path": field} for field in fields]
        for image, time_id in zip(images, acquisitions or (), strict=False):
            image["acquisition"] = time_id
        home = folder / well["path"]
        write_group(home, {"well": {"images": images}}, zarr_format)
        for extra, field in enumerate(fields):
            data = well_pixels(100 * extra + number, shape)
            write_field(home / field, data, zarr_format, omero)
    return folder


def write_group(folder, attributes, zarr_format):
    folder.mkdir(parents=True, exist_ok=True)
    if zarr_format == 2:
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        for value in attributes.values():
            if isinstance(value, dict):
                value["version"] = "0.4"
        (folder / ".zattrs").write_text(json.dumps(attributes))
    else:
        ome = {"version": "0.5", **attributes}
        document = {
            "zarr_format": 3, "node_type": "group", "attributes": {"ome": ome},
        }  # fmt: skip
        (folder / "zarr.json").write_text(json.dumps(document))


def write_field(folder, data, zarr_format, omero=None, **options):
    import zarr

    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    datasets = [
        {"path": str(n), "coordinateTransformations": scaled(2**n)} for n in range(2)
    ]
    image = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": datasets}]}
    if omero:
        image["omero"] = omero
    write_group(folder, image, zarr_format)
    for level, pixels in enumerate((data, data[:, ::2, ::2])):
        array = zarr.create_array(
            str(folder / str(level)),
            shape=pixels.shape,
            chunks=(1, *options.get("chunks", pixels.shape[1:])),
            dtype=pixels.dtype,
            zarr_format=zarr_format,
            config={"write_empty_chunks": True},
            overwrite=True,
        )
        array[:] = pixels


def scaled(zoom):
    return [{"type": "scale", "scale": [1, 0.5 * zoom, 0.5 * zoom]}]


def mosaic(rows, columns, step=1, without=(), **options):
    """Return what a plate of `make_plate` looks like."""
    cells = [
        [
            well_pixels(r * columns + c, **options)[:, ::step, ::step]
            for c in range(columns)
        ]
        for r in range(rows)
    ]
    for r, c in without:
        cells[r][c] = np.zeros_like(cells[r][c])
    return np.concatenate([np.concatenate(row, axis=2) for row in cells], axis=1)


def wait_for(streams):
    deadline = time.monotonic() + 20
    while not streams.is_idle() and time.monotonic() < deadline:
        time.sleep(0.01)
