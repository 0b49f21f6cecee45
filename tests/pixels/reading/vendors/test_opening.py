from __future__ import annotations

import sys

import numpy as np
import pytest

from napari_cellib.errors import MissingExtra, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.reading.files import open_source
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.vendors.opening import open_vendor


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ZISRAWFILE" + bytes(600), "CZI"),
        (b"\xda\xce\xbe\x0a" + bytes(600), "ND2"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(600), "ND2"),
        (b"\x70\0\0\0" + bytes(600), "LIF"),
        (bytes(96) + b"\xa0\xc0" + bytes(600), "DV"),
        (bytes(96) + b"\xc0\xa0" + bytes(600), "DV"),
        (bytes(208) + b"MAP " + bytes(600), "MRC"),
    ],
)
def test_first_bytes_tell_and_what_is_wrong_behind_them_is_an_error(
    tmp_path, head, kind
):
    file = tmp_path / "a.tif"
    file.write_bytes(head)

    assert kind_of(file) == kind
    with pytest.raises(PixelsUnreadable, match=r"a\.tif"):
        drive(open_source(file)).image(0)


@pytest.mark.parametrize(("kind", "package"), [("LIF", "liffile"), ("ND2", "nd2")])
def test_a_package_that_is_missing_is_named_with_how_to_get_it(
    tmp_path, monkeypatch, kind, package
):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    file = tmp_path / "a"
    file.write_bytes(b"x")

    with (
        pytest.raises(MissingExtra, match=r"pip install 'napari-cellib\[vendor\]'"),
        open_vendor(file, kind),
    ):
        pass


def test_a_file_under_a_wrong_name_is_told_by_its_content(tmp_path, write_dv):
    pixels = np.arange(600, dtype="uint16").reshape(1, 1, 1, 20, 30)
    file = write_dv(tmp_path / "cells.czi", pixels)

    with drive(open_source(file)) as source:
        assert source.kind == "DV"
        assert (source.image(0).planes[()] == pixels[0, 0, 0]).all()
