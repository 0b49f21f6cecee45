from __future__ import annotations

import json

import numpy as np
import pytest

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.pixels import write_image

WELL = {"ome": {"version": "0.5", "well": {"images": [{"path": "0"}]}}}


@pytest.fixture
def cellib(capsys):
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["inspect", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_attributes_are_judged_as_the_suite_of_the_format_asks(cellib):
    code, out, _ = cellib("--json", json.dumps(WELL))
    assert code == 0
    assert json.loads(out) == {"valid": True, "message": None, "faults": []}

    code, out, _ = cellib(
        "--json", '{"ome": {"version": "0.5", "well": {"images": []}}}'
    )
    assert code == 0
    assert json.loads(out)["valid"] is False
    assert json.loads(out)["message"] == "well.images must not be empty"


def test_recommendations_count_when_asked(cellib):
    attributes = json.dumps({"well": WELL["ome"]["well"]})

    assert json.loads(cellib("--json", attributes)[1])["valid"] is True
    assert json.loads(cellib("--json", "--strict", attributes)[1])["valid"] is False


def test_a_verdict_in_words_names_each_fault(cellib):
    _, out, _ = cellib('{"well": {"images": [{"path": "a b"}]}}')

    assert out.splitlines() == [
        "not valid",
        "advice well should name its version",
        "ERROR  well.images[0].path must be letters and digits",
    ]


def test_what_is_no_json_is_said(cellib):
    code, _, err = cellib("{no")

    assert code == 2
    assert "no JSON" in err


def test_an_image_is_described_in_words_and_as_json(cellib, tmp_path):
    folder = tmp_path / "a.zarr"
    data = np.zeros((2, 300, 8), "uint8")
    spacing = {"y": 0.5, "x": 0.5}
    drive(write_image(folder, data, axes="cyx", spacing_um=spacing))
    _, out, _ = cellib(str(folder))

    lines = out.splitlines()
    assert lines[:2] == [str(folder), "OME-Zarr 0.5, image"]
    assert "axis y: 0.5 micrometer" in lines
    assert "level 0: 2 x 300 x 8 uint8, in chunks of 1 x 300 x 8, bytes, blosc" in lines
    assert "channel 1: no name, no colour, 0 to 1" in lines
    assert "guessed: the colour of channel 1: chosen" in lines
    assert lines[-1] == "valid"
    found = json.loads(cellib(str(folder), "--json")[1])
    assert found["valid"] is True
    assert found["levels"][0]["shape"] == [2, 300, 8]


def test_what_cannot_be_opened_is_described_as_far_as_it_goes(cellib, tmp_path):
    (tmp_path / "zarr.json").write_text('{"attributes": {"ome": {"version": "0.6"}}}')
    code, out, _ = cellib(str(tmp_path))

    assert code == 0
    assert "cannot be opened: " in out
    assert "is newer than the versions known here" in out


def test_what_an_image_says_of_itself_cannot_steer_the_terminal(cellib, tmp_path):
    spoken = "\x1b]0;taken over\x07"
    data = np.zeros((8, 8), "uint8")
    drive(write_image(tmp_path / "a.zarr", data, axes="yx"))
    file = tmp_path / "a.zarr" / "zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["ome"]["omero"] = {"channels": [{"label": spoken}]}
    file.write_text(json.dumps(document))
    _, out, _ = cellib(str(tmp_path / "a.zarr"))
    _, _, err = cellib(str(tmp_path / f"{spoken}.zarr"))

    assert "taken over" in out
    assert "taken over" in err
    assert "\x1b" not in out + err


def test_without_a_network_no_server_is_asked(cellib, archive, monkeypatch):
    monkeypatch.setenv("CELLIB_OFFLINE", "1")
    code, _, err = cellib(f"{archive.url}/a.zarr")

    assert code == 2
    assert err
    assert archive.asked == []


def test_nothing_there_ends_with_an_error(cellib, tmp_path):
    code, out, err = cellib(str(tmp_path / "absent"), "--json")

    assert code == 2
    assert "There is no image" in err
    assert json.loads(out)["error"]["fix"]
