from __future__ import annotations

from pathlib import Path

from napari_cellib.deposit.parsing import parse_licence
from napari_cellib.deposit.rights import OFFERED, in_words
from napari_cellib.model import Licence

DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "describe-images.md"


def test_every_licence_that_is_offered_is_in_the_documentation_in_the_same_words():
    text = DOCS.read_text(encoding="utf-8")

    for offered in OFFERED:
        assert f"| {offered.name} | {offered.words} |" in text


def test_a_licence_that_is_offered_is_understood_when_it_is_written_by_its_name():
    for offered in OFFERED:
        assert parse_licence(offered.name) == offered.licence


def test_words_are_told_of_what_is_offered_only():
    assert "names you" in (in_words(Licence(spdx="CC-BY-4.0")) or "")
    assert in_words(Licence(spdx="MIT")) is None
