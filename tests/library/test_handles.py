"""What a notebook touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellib.errors import (
    AddressInvalid,
    LibraryNotFound,
    PixelsNotFound,
    QueryInvalid,
    RecordNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.library import (
    EmbeddedLibrary,
    OpenLibrary,
    list_libraries,
    open_library,
)
from napari_cellib.model import ImageRecord, Representation, TermField
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path / "data", default_library="lab")


@pytest.fixture
def lab(
    settings: Settings, records: tuple[ImageRecord, ...], png: bytes
) -> Iterator[OpenLibrary]:
    folder = settings.libraries_folder / "lab"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab Library")
    drive(library.add_many(records))
    library.add(records[7], thumbnail=png)
    with OpenLibrary(library) as opened:
        yield opened


# ------------------------------------------------------------------- search links


def test_the_link_to_a_search_is_searched_for(lab: OpenLibrary) -> None:
    link = "cellib://search?q=hela&cellular_component=GO:0043226&sort=title"
    results = lab.search(link)
    assert [image.id for image in results] == ["CLB0000036", "CLB000001X", "CLB0000028"]
    assert results.query.sort == "title"
    alone = lab.search(f"{link}&exact=GO:0043226&colour=red")
    assert len(alone) == 0
    assert "“colour=red”" in alone.warnings[0]


def test_filters_of_a_call_narrow_a_link_down(lab: OpenLibrary) -> None:
    results = lab.search("cellib://search?q=hela", kind="z_stack", sort="title")
    assert [image.id for image in results] == ["CLB000001X", "CLB0000028"]


def test_what_was_probably_meant_is_told(lab: OpenLibrary) -> None:
    assert lab.search("septinns").suggestion == "septins"
    assert lab.search("septins").suggestion is None


# ----------------------------------------------------------------------- opening


@pytest.mark.usefixtures("lab")
def test_a_library_is_opened_by_default_by_name_and_by_folder(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.libraries_folder / "lab"
    for where in (None, "lab", folder, str(folder)):
        with open_library(where, settings) as library:
            assert library.info.id == "lab"
    monkeypatch.chdir(folder.parent.parent)
    with open_library("libraries/lab", settings) as library:
        assert library.info.id == "lab"
    assert repr(library) == "<library lab: Lab Library in libraries/lab>"


@pytest.mark.usefixtures("lab")
def test_an_unknown_library_is_answered_with_those_there_are(
    settings: Settings, tmp_path: Path
) -> None:
    assert list_libraries(settings) == ("lab",)
    for where in ("other", "..", "", tmp_path, str(tmp_path / "absent")):
        with pytest.raises(LibraryNotFound, match=r"Choose one of: lab\."):
            open_library(where, settings)


def test_without_any_library_the_way_to_one_is_told(settings: Settings) -> None:
    assert list_libraries(settings) == ()
    with pytest.raises(LibraryNotFound, match="cellib demo"):
        open_library(settings=settings)


# --------------------------------------------------------------------- searching


def test_results_give_all_images_page_by_page(
    library: EmbeddedLibrary,
) -> None:
    many = [ImageRecord(id=f"r{n}", title=f"Cell {n}") for n in range(250)]
    drive(library.add_many(many))
    results = OpenLibrary(library).search("cell", sort="title")
    assert len(results) == results.total == 250
    assert [image.title for image in results] == [f"Cell {n}" for n in range(250)]
    assert len({image.id for image in results}) == 250  # as often as one likes


def test_a_limit_bounds_what_is_given_but_not_what_is_counted(
    lab: OpenLibrary,
) -> None:
    results = lab.search("cell", limit=3)
    assert len(list(results)) == len(results) == 3
    assert results.total > 3
    assert list(lab.search("cell", limit=0)) == []
    with pytest.raises(QueryInvalid, match="no list has -3 images"):
        lab.search("cell", limit=-3)


def test_facets_are_named_as_in_the_answer(lab: OpenLibrary) -> None:
    results = lab.search(organism="NCBITaxon:10090", kind=["still", "rgb"])
    assert {image.id for image in results} == {"CLB0000052", "CLB0000087", "CIL:10107"}
    assert {facet.field.value for facet in results.facets} >= {"organism", "kind"}
    assert results.query.filters


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"colour": "red"}, "'colour' is no facet; there are organism, "),
        ({"sort": "size"}, "'size' is not a valid Sort"),
        ({"text": "x" * 1001}, "validation error"),
    ],
)
def test_a_search_that_makes_no_sense_is_explained(
    lab: OpenLibrary, arguments: dict[str, str], reason: str
) -> None:
    with pytest.raises(QueryInvalid, match=reason):
        lab.search(**arguments)


def test_results_print_as_a_list(lab: OpenLibrary) -> None:
    lines = repr(lab.search("cell", sort="title")).splitlines()
    assert lines[0] == "<10 images of lab>"
    assert lines[1] == "  <cellib://lab/CLB0000124 'A cell that nobody has described'>"
    assert lines[-1] == "  and 5 more"
    assert repr(lab.search("trachea")).splitlines()[1:] == [
        "  <cellib://lab/CLB0000052 'Cilia of a trachea, cross section'>"
    ]


def test_results_become_a_table(lab: OpenLibrary) -> None:
    pytest.importorskip("pandas", reason="a table needs pandas")
    table = lab.search("hela", sort="newest").to_dataframe()
    assert list(table["id"]) == ["CLB0000028", "CLB000001X", "CLB0000036"]
    assert set(table["organism"]) == {"Homo sapiens"}
    assert lab.search("nothing like it").to_dataframe().empty


# --------------------------------------------------------------------- one image


def test_an_image_says_what_its_record_says(lab: OpenLibrary) -> None:
    image = lab["CLB000001X"]
    record = image.record
    assert (image.id, image.title) == (record.id, record.title)
    assert image.description == record.description
    assert image.licence is record.licence
    assert image.contributors == record.contributors
    assert image.dimensions is record.dimensions
    assert image.address == "cellib://lab/CLB000001X"
    assert [t.label for t in image.terms(TermField.ORGANISM)] == ["Homo sapiens"]
    assert image == lab["cellib://lab/CLB000001X"]
    assert len({image, lab["CLB000001X"]}) == 1
    assert image != lab["CIL:10107"]


def test_an_image_that_is_not_there_is_told(lab: OpenLibrary) -> None:
    with pytest.raises(RecordNotFound, match="Lab Library has no image 'CLB9'"):
        lab["CLB9"]
    with pytest.raises(AddressInvalid):
        lab["http://lab/CLB000001X"]
    with pytest.raises(LibraryNotFound, match="'other'"):
        lab["cellib://other/CLB000001X"]


def test_siblings_and_thumbnails_come_from_the_library(
    lab: OpenLibrary, png: bytes
) -> None:
    assert [image.id for image in lab["CLB000001X"].siblings()] == [
        "CLB0000036",
        "CLB0000028",
    ]
    assert lab["CLB0000087"].thumbnail() == png
    assert lab["CLB000001X"].thumbnail() is None


def test_a_citation_has_three_forms(lab: OpenLibrary) -> None:
    image = lab["CLB000001X"]
    assert "Lab Library, CLB000001X" in image.citation()
    assert image.citation("bibtex").startswith("@misc{CLB000001X,")
    assert image.citation("ris").startswith("TY  - DATA")
    with pytest.raises(ValueError, match="text, bibtex, ris"):
        image.citation("apa")  # type: ignore[arg-type]


def test_a_notebook_shows_the_words_of_a_library_as_words(lab: OpenLibrary) -> None:
    html = lab["CLB0000087"]._repr_html_()
    assert "&lt;b&gt;cortex&lt;/b&gt;" in html
    assert "<b>cortex" not in html
    assert "src='data:image/png;base64," in html
    assert "<img" not in lab["CLB0000124"]._repr_html_()
    assert "not stated" in lab["CLB0000124"]._repr_html_()


def test_pixels_are_lazy_arrays(lab: OpenLibrary) -> None:
    writing = pytest.importorskip("napari_cellib.pixels.writing")
    library = lab.library
    assert isinstance(library, EmbeddedLibrary)
    data = np.arange(64 * 64, dtype="uint16").reshape(64, 64)
    folder = library.blob_folder("new")
    folder.mkdir(parents=True)
    drive(
        writing.write_image(
            folder / "pyramid.ome.zarr",
            data,
            axes="yx",
            spacing_um={"y": 0.5, "x": 0.5},
        )
    )
    url = library.blob_url("new", "pyramid.ome.zarr")
    pyramid = Representation(role="pyramid", url=url)
    library.add(ImageRecord(id="new", title="New", representations=(pyramid,)))
    pixels = lab["new"].pixels()
    assert np.array_equal(np.asarray(pixels.levels[0]), data)


def test_an_image_without_pixels_says_so(lab: OpenLibrary) -> None:
    with pytest.raises(PixelsNotFound, match="cellib://lab/CIL:10107"):
        lab["CIL:10107"].pixels()
