from __future__ import annotations

import csv
import html.parser

import numpy as np
import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.comparing import compare

EVIL = "<img src=x onerror=alert(1)>"


class _Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)


def test_a_notebook_gets_tables_and_a_report_with_licences(shelf, settings, tmp_path):
    references = [
        {"pixels": disks(96, radius=r, seed=r), "um": 0.4} for r in (4, 5, 6, 7, 8)
    ]
    page, table = tmp_path / "report.html", tmp_path / "table.csv"
    with shelf(references) as library:
        compared = compare(
            disks(96),
            library["CLB0"],
            pixel_size_um=0.4,
            name=EVIL,
            group="disks",
            library=library,
            settings=settings,
        )
        compared.save(page)
        compared.save(table)

    numbers = compared.measurements().set_index("quantity")
    assert numbers.loc["median area", "ratio"] == pytest.approx(113 / 49, rel=0.2)
    assert set(compared.metadata()["verdict"]) >= {"same", "unknown"}
    assert compared.in_group()["z"].abs().max() > 0
    shown = _Page(page.read_text(encoding="utf-8"))
    pictures = [attributes for tag, attributes in shown.tags if tag == "image"]
    assert len(pictures) == 2
    assert all(p["xlink:href"].startswith("data:image/png;base64,") for p in pictures)
    assert sum(tag == "svg" for tag, _ in shown.tags) >= 3
    words = "".join(shown.texts)
    assert "you are here" in words
    for number in range(5):
        assert any(f"Disks {number}" in t and "CC BY 4.0" in t for t in shown.texts)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {row["section"] for row in rows} >= {"intensity", "objects", "texture"}


def test_a_comparison_shows_itself_in_a_notebook():
    compared = compare(np.zeros((8, 8)), disks())

    assert "<h2>Measurements</h2>" in compared._repr_html_()
    assert "pixel size" in repr(compared)
