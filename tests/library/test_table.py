"""Images as rows, and the same answers wherever one asks."""

from __future__ import annotations

import csv
import json
from contextlib import ExitStack
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary, OpenLibrary, open_libraries
from napari_cellib.library.table import COLUMNS, csv_lines, row_of
from napari_cellib.model import ImageRecord, Query
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search import SearchModel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.library import LibraryImage


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def images(*records: ImageRecord) -> list[LibraryImage]:
    return list(OpenLibrary(ShelfLibrary(records)).search())


def test_a_row_has_a_value_for_every_column(records: tuple[ImageRecord, ...]) -> None:
    library = OpenLibrary(ShelfLibrary(records))
    row = row_of(library["CLB000001X"])
    assert tuple(row) == COLUMNS
    assert row["library"] == "shelf"
    assert row["organism"] == "Homo sapiens"
    assert row["address"] == "cellib://shelf/CLB000001X"
    assert row["citation"] == library["CLB000001X"].citation()


def test_the_columns_are_those_that_scripts_rely_on() -> None:
    assert " ".join(COLUMNS) == (
        "library id title organism cell_type cellular_component biological_process "
        "imaging_method kind licence published size_bytes address citation"
    )


def test_what_is_not_known_is_an_empty_cell() -> None:
    (row,) = read("".join(csv_lines(images(a_record("A1", "A cell")))))
    assert row["organism"] == row["licence"] == row["size_bytes"] == ""


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula_to_a_spreadsheet(sign: str) -> None:
    title = f'{sign}HYPERLINK("http://example.org")'
    (row,) = read("".join(csv_lines(images(a_record("A1", title)))))
    assert row["title"] == f"'{title}"


def test_any_text_fits_into_a_cell() -> None:
    title = 'Cells, "quoted"; µ 細胞 🔬\nsecond line'
    (row,) = read("".join(csv_lines(images(a_record("A1", title)))))
    assert row["title"] == title


def test_a_table_needs_no_more_memory_than_one_image() -> None:
    asked = []

    def one_by_one() -> Iterator[LibraryImage]:
        for image in images(a_record("A1", "A cell"), a_record("A2", "A cell")):
            asked.append(image.id)
            yield image

    lines = csv_lines(one_by_one())
    next(lines)
    assert asked == []
    next(lines)
    assert asked == ["A1"]


def test_without_images_there_is_a_header() -> None:
    assert list(csv_lines([])) == [",".join(COLUMNS) + "\n"]


# ------------------------------------------------------------------- the same for all


@pytest.fixture
def settings(own_data_folder: Path, records: tuple[ImageRecord, ...]) -> Settings:
    """Make two libraries of this user, which share some images."""
    settings = Settings(data_folder=own_data_folder)
    for name, part in (("demo", records[:9]), ("lab", records[6:])):
        folder = settings.libraries_folder / name
        with ExitStack() as opened:
            library = EmbeddedLibrary.create(folder, id=name, name=f"The {name}")
            opened.callback(library.close)
            drive(library.add_many(part))
    return settings


@pytest.mark.parametrize("sort", ["relevance", "newest", "title"])
@pytest.mark.parametrize("text", ["", "cell", "mitochondria", "organelle"])
@pytest.mark.parametrize("filters", [{}, {"organism": "NCBITaxon:40674"}])
def test_panel_script_spreadsheet_and_notebook_give_the_same_answers(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    sort: str,
    text: str,
    filters: dict[str, str],
) -> None:
    pytest.importorskip("pandas", reason="a table needs pandas")
    options = [f"--field={field}={value}" for field, value in filters.items()]
    options += ["--sort", sort, text]
    main(["search", *options, "--csv"])
    table = read(capsys.readouterr().out)
    main(["search", *options, "--json"])
    answer = json.loads(capsys.readouterr().out)
    with open_libraries(settings=settings) as library:
        results = library.search(text, sort=sort, **filters)
        frame = results.to_dataframe()
    libraries = Libraries(settings)
    model = SearchModel(libraries)
    query = {
        "text": text,
        "sort": sort,
        "filters": {k: (v,) for k, v in filters.items()},
    }
    model.query = Query.model_validate(query)
    model.take_answer(drive(model.search_job()))
    libraries.close()

    found = [(row["library"], row["id"], row["title"]) for row in table]
    assert [(h["library"], h["id"], h["title"]) for h in answer["hits"]] == found
    assert [(c.library, c.record, c.title) for c in model.cards] == found
    columns = zip(frame["library"], frame["id"], frame["title"], strict=True)
    assert list(columns) == found
    assert tuple(frame.columns) == tuple(table[0] if table else COLUMNS)
    assert model.total == answer["total"] == results.total == len(found)
    assert [f.model_dump(mode="json") for f in model.facets] == answer["facets"]


def test_libraries_are_chosen_by_name(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def libraries(*names: str) -> set[str]:
        options = [word for name in names for word in ("--library", name)]
        assert main(["search", "--csv", *options]) == 0
        return {row["library"] for row in read(capsys.readouterr().out)}

    assert libraries() == libraries("demo", "lab") == {"demo", "lab"}
    assert libraries("lab") == libraries("lab", "lab") == {"lab"}
    assert main(["search", "--library", "lab", "--library", "none"]) == 2
    assert "There is no library 'none'" in capsys.readouterr().err


def test_images_of_several_libraries_are_listed_by_their_addresses(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["search", "axoneme"])
    assert "cellib://demo/CLB0000052 " in capsys.readouterr().out
    main(["search", "axoneme", "--library", "demo"])
    assert "\nCLB0000052 " in capsys.readouterr().out


def test_facets_are_refused_in_a_table_of_images(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["search", "--csv", "--facets"]) == 2
    assert "has no place" in capsys.readouterr().err


def test_an_image_of_several_libraries_knows_its_own(settings: Settings) -> None:
    with open_libraries("demo", "lab", settings=settings) as library:
        (image,) = library.search("axoneme")
        assert image.address == "cellib://demo/CLB0000052"
        assert library["cellib://demo/CLB0000052"] == image
        assert library["CLB0000052"] == image
        assert library["cellib://lab/CIL:10107"].library_id == "lab"
        assert repr(library.search("axoneme")).startswith("<1 images of demo and lab>")
