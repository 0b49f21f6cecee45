from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import dask.array as da
import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.vendors.bioio_plugins import _Scene, open_with_bioio

pytest.importorskip("bioio", reason="needs the extra 'vendor'")

PIXELS = np.random.default_rng(1).integers(0, 4000, (2, 3, 4, 20, 30), "uint16")


class Opened:
    """What bioio gives, of which any part may fail."""

    def __init__(self, pixels=PIXELS, chunks=(1, 3, 2, 20, 30), **said):
        self.pixels, self.chunks, self.said = pixels, chunks, said
        self.reads = []
        self.current_scene_index = 0
        self.dims = SimpleNamespace(order="TCZYX", shape=pixels.shape)
        self.shape, self.dtype = pixels.shape, pixels.dtype

    def get_image_dask_data(self, order):
        def read(block_info):
            part = block_info[None]["array-location"]
            self.reads.append(tuple(part))
            return self.pixels[tuple(slice(*edges) for edges in part)]

        chunks = da.core.normalize_chunks(self.chunks, self.pixels.shape)
        return da.map_blocks(read, chunks=chunks, dtype=self.dtype)

    def get_image_data(self, order):
        return self.pixels

    def __getattr__(self, name):
        if name not in self.said:
            raise NotImplementedError
        value = self.said[name]
        if isinstance(value, Exception):
            raise value
        return value


def source(opened, tmp_path):
    return _Scene(tmp_path / "a.xyz", opened).source()


def test_each_block_is_read_once_in_the_order_of_planes(tmp_path, whole):
    opened = Opened()

    image = source(opened, tmp_path)

    assert (whole(image) == PIXELS).all()
    assert len(opened.reads) == len(set(opened.reads)) == 4


def test_what_is_not_lazy_is_read_as_a_whole(tmp_path, whole):
    class Whole(Opened):
        def get_image_dask_data(self, order):
            raise ValueError("axes don't match array")

    assert (whole(source(Whole(), tmp_path)) == PIXELS).all()


def test_blocks_that_fail_when_they_are_read_are_noticed(tmp_path, whole):
    class Late(Opened):
        def get_image_dask_data(self, order):
            def fail(block):
                raise ValueError("axes don't match array")

            zeros = da.zeros(self.shape, chunks=1, dtype=self.dtype)
            return zeros.map_blocks(fail, dtype=self.dtype, meta=np.empty(0))

    assert (whole(source(Late(), tmp_path)) == PIXELS).all()


def test_every_question_that_fails_costs_a_sentence_and_no_pixel(tmp_path, whole):
    opened = Opened(
        physical_pixel_sizes=ValueError("no distance scale"),
        time_interval=KeyError("t"),
        channel_names=ValueError("coordinates"),
        ome_metadata=ValueError("not valid"),
    )

    image = source(opened, tmp_path)

    assert (whole(image) == PIXELS).all()
    assert (image.spacing_um, image.time_step_s) == ({}, None)
    assert len(image.warnings) == 4
    assert any("size of its pixels: no distance scale" in w for w in image.warnings)


@pytest.mark.parametrize(
    ("size", "known"), [(0.0, False), (1.0, False), (None, False), (0.25, True)]
)
def test_sizes_of_zero_and_one_are_unknown(tmp_path, size, known):
    sizes = SimpleNamespace(X=size, Y=size, Z=None)
    said = {"time_interval": None, "channel_names": None}

    image = source(Opened(physical_pixel_sizes=sizes, **said), tmp_path)

    assert image.spacing_um == ({"x": 0.25, "y": 0.25} if known else {})
    assert image.warnings == ()


@pytest.mark.parametrize("step", [timedelta(seconds=2.5), 2.5, np.float64(2.5)])
def test_a_time_step_may_be_of_any_type(tmp_path, step):
    sizes = SimpleNamespace(X=None, Y=None, Z=None)
    names = [np.str_("DAPI"), "", 3]
    opened = Opened(physical_pixel_sizes=sizes, time_interval=step, channel_names=names)

    image = source(opened, tmp_path)

    assert image.time_step_s == 2.5
    assert [channel.name for channel in image.channels] == ["DAPI", None, None]
    assert type(image.channels[0].name) is str


def test_axes_that_bioio_drops_are_told_with_what_they_cost(tmp_path):
    opened = Opened()
    opened.dims = SimpleNamespace(order="HTCZYX", shape=(32, *PIXELS.shape))

    warnings = source(opened, tmp_path).warnings

    assert any("'H' of 32" in w and "31 of every 32" in w for w in warnings)


@pytest.mark.slow
def test_a_plugin_reads_what_our_reader_reads(tmp_path, write_dv, whole):
    pytest.importorskip("bioio_dv")
    file = write_dv(tmp_path / "a.dv", PIXELS.transpose(1, 0, 2, 3, 4))

    with open_with_bioio(file, "bioio_dv") as opened:
        image = opened.image(0)
        assert opened.kind == "DV"
        assert (whole(image) == PIXELS).all()
        assert image.spacing_um == pytest.approx({"x": 0.1, "y": 0.1, "z": 0.3})


def test_what_no_plugin_knows_is_an_error(tmp_path):
    file = tmp_path / "a.xyz"
    file.write_bytes(bytes(range(256)))

    with pytest.raises(PixelsUnreadable), open_with_bioio(file, None):
        pass
