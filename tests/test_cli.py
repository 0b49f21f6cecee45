from __future__ import annotations

import json
import sys
from contextlib import closing
from io import BytesIO, TextIOWrapper

import pytest

from napari_cellib.cli import main


@pytest.fixture
def cellib(demo_data, monkeypatch, capsys):
    """Run a command on the demo library; return exit code, output and complaints."""
    monkeypatch.setenv("CELLIB_DATA", str(demo_data.data_folder))
    monkeypatch.setenv("CELLIB_PACKAGES", str(demo_data.packages_folder))

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_search_lists_what_matches_with_its_number(cellib):
    code, out, _ = cellib("search", "nuclei", "bowl")

    assert code == 0
    assert out.startswith("1 image found\nCLB0000087 ")


def test_search_without_words_lists_everything_up_to_the_limit(cellib):
    _, out, _ = cellib("search", "--limit", "3")

    assert out.startswith("12 images found")
    assert out.count("CLB") == 3


def test_search_as_json_gives_whole_records_and_facets(cellib):
    code, out, _ = cellib("search", "HeLa", "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["total"] == 1
    assert answer["hits"][0]["id"] == "CLB0000116"
    assert {facet["field"] for facet in answer["facets"]} >= {"organism", "kind"}


def test_search_narrows_down_by_fields(cellib):
    _, out, _ = cellib(
        "search", "--field", "kind=time_series", "--field", "kind=rgb", "--json"
    )

    kinds = [set(hit["kinds"]) for hit in json.loads(out)["hits"]]
    assert len(kinds) == 7
    assert all(kind & {"time_series", "rgb"} for kind in kinds)


def test_search_prints_the_counts_of_the_fields_when_asked(cellib):
    _, out, _ = cellib("search", "--facets")

    assert "imaging method:" in out
    assert "fluorescence microscopy  (FBbi:00000246)" in out


def test_a_search_without_an_answer_says_so_by_its_exit_code(cellib):
    assert cellib("search", "no such thing anywhere")[:2] == (1, "0 images found\n")


@pytest.mark.parametrize("field", ["kind", "colour=red", "kind=", "=x"])
def test_a_field_that_cannot_be_understood_is_explained(cellib, field):
    code, _, complaint = cellib("search", "--field", field)

    assert code == 2
    assert "FIELD=VALUE" in complaint


@pytest.mark.parametrize("image", ["CLB0000044", "cellib://demo/CLB0000044"])
def test_show_prints_the_record(cellib, image):
    code, out, _ = cellib("show", image)

    assert code == 0
    assert "Allen Institute for Cell Science" in out
    assert "z 0.29 µm" in out


def test_show_says_what_is_not_known(cellib):
    _, out, _ = cellib("show", "CLB0000060")

    assert "pixel size           not stated" in out


def test_show_as_json_is_the_record(cellib):
    _, out, _ = cellib("show", "CLB0000044", "--json")

    assert json.loads(out)["dimensions"]["sizes"] == {"z": 60, "y": 256, "x": 256}


def test_show_prints_a_citation_alone(cellib):
    _, out, _ = cellib("show", "CLB0000044", "--cite", "bibtex")

    assert out.startswith("@misc{CLB0000044,")


@pytest.fixture
def two_libraries(cellib, tmp_path, monkeypatch):
    """Give the person two libraries with an image each, A:1 and B:2."""
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord

    monkeypatch.setenv("CELLIB_DATA", str(tmp_path))
    for name, number in (("demo", "A:1"), ("lab", "B:2")):
        folder = tmp_path / "libraries" / name
        library = EmbeddedLibrary.create(folder, id=name, name=name.upper())
        library.add(ImageRecord(id=number, title=f"A cilium of {name}"))
        library.close()
    return cellib


@pytest.mark.parametrize(("number", "name"), [("A:1", "DEMO"), ("B:2", "LAB")])
def test_a_number_is_looked_up_in_every_library(two_libraries, number, name):
    code, out, _ = two_libraries("show", number)
    _, cited, _ = two_libraries("show", number, "--cite", "text")

    assert code == 0
    assert f"library              {name}\n" in out
    assert name in cited


def test_a_library_that_may_have_the_number_and_does_not_answer_is_named(
    two_libraries, tmp_path
):
    (tmp_path / "libraries" / "demo" / "catalogue.sqlite").write_bytes(b"none" * 5000)

    code, out, complaint = two_libraries("show", "B:2", "--cite", "text")

    assert (code, "LAB" in out) == (0, True)
    assert complaint.startswith("cellib: DEMO is left out. The library in ")


@pytest.mark.parametrize(
    "words", [("show", "C:3"), ("search", "cilium", "--json"), ("search", "cilium")]
)
def test_letters_that_the_system_does_not_have_stop_no_command(
    two_libraries, tmp_path, monkeypatch, words
):
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord

    with closing(EmbeddedLibrary.open(tmp_path / "libraries" / "lab")) as library:
        library.add(ImageRecord(id="C:3", title="細胞 with a β-cilium"))
    printed = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(printed, encoding="cp1252"))

    assert main(words) == 0

    sys.stdout.flush()
    assert "細胞 with a β-cilium" in printed.getvalue().decode("utf-8")


def test_a_number_is_looked_up_in_one_library_when_it_is_named(two_libraries):
    code, _, complaint = two_libraries("show", "B:2", "--library", "demo")

    assert code == 2
    assert "has no image 'B:2'" in complaint


def test_a_number_that_no_library_has_opens_no_window(two_libraries):
    code, _, complaint = two_libraries("open", "C:3")

    assert code == 2
    assert "has no image 'C:3'" in complaint


def test_an_unknown_number_is_explained(cellib):
    code, _, complaint = cellib("show", "CLB9999999")

    assert code == 2
    assert "has no image 'CLB9999999'" in complaint


def test_an_unknown_library_is_explained_to_scripts_too(cellib):
    code, out, _ = cellib("show", "CLB0000044", "--library", "none", "--json")

    assert code == 2
    assert "none" in json.loads(out)["error"]["message"]


@pytest.mark.parametrize("address", ["cellib://demo", "cellib://demo/../etc"])
def test_a_damaged_address_is_explained(cellib, address):
    code, _, complaint = cellib("show", address)

    assert code == 2
    assert "cellib://LIBRARY/RECORD" in complaint


def test_control_characters_of_a_record_do_not_reach_the_terminal(tmp_path, capsys):
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord

    library = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    library.add(ImageRecord(id="A1", title="a\x1b[31mred", description="b\x07ell"))
    library.close()

    main(["show", "A1", "--library", str(tmp_path / "lab")])
    main(["search", "--library", str(tmp_path / "lab")])

    assert not set("\x1b\x07") & set(capsys.readouterr().out)


def test_doctor_finds_nothing_wrong_with_a_sound_library(cellib):
    code, out, _ = cellib("doctor", "--json")

    answer = json.loads(out)
    errors = [p for p in answer["problems"] if p["severity"] == "error"]
    assert (code, errors) == (0, [])
    assert "napari" in answer["versions"]


def test_doctor_names_a_library_that_cannot_be_read(tmp_path, monkeypatch, capsys):
    broken = tmp_path / "libraries" / "lab"
    broken.mkdir(parents=True)
    (broken / "library.json").write_text("{")
    monkeypatch.setenv("CELLIB_DATA", str(tmp_path))

    code = main(["doctor"])

    out = capsys.readouterr().out
    assert code == 1
    assert "ERROR" in out
    assert str(broken) in out


def test_doctor_says_what_to_do_when_there_is_no_library(capsys):
    main(["doctor"])

    assert "'cellib demo'" in capsys.readouterr().out


def test_build_only_makes_the_library_and_opens_nothing(cellib):
    code, out, _ = cellib("demo", "--build-only")

    assert code == 0
    assert "has 12 images" in out


def test_opening_without_a_screen_says_what_is_missing(cellib, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    code, _, complaint = cellib("open", "CLB0000044")

    assert code == 2
    assert "screen" in complaint


def test_an_image_of_a_library_is_inspected_and_checked_by_its_address(cellib):
    address = "cellib://demo/CLB0000044"

    _, out, _ = cellib("inspect", address)
    assert "axis z: 0.29 micrometer" in out
    code, out, _ = cellib("check", address)
    assert code == 0
    assert "ERROR" not in out
