from __future__ import annotations

import pytest
from pydantic import ValidationError

from napari_cellib.deposit.draft import Draft, DraftPerson, Origin, Source
from napari_cellib.model import Licence, Term, TermField


def test_everything_may_be_missing_and_wrong_while_it_is_typed():
    draft = Draft(
        contributors=(DraftPerson(orcid="0000-00"),), articles=("10.",), imaged="May"
    )

    assert Draft.model_validate_json(draft.model_dump_json()) == draft


def test_blank_is_none_and_other_blanks_stay_as_typed():
    assert Draft(title="   ").title is None
    assert Draft(title="Wing ").title == "Wing "


def test_what_is_typed_replaces_and_says_so():
    draft = Draft().filled(Origin.FILE, title="disc_07").typed(title="Wing disc")

    assert draft.title == "Wing disc"
    assert draft.origins == {"title": Origin.TYPED}


def test_filling_in_never_touches_what_is_there():
    draft = Draft().typed(title="Wing disc", published=False)
    filled = draft.filled(Origin.RECORD, title="Other", group="g1", published=True)

    assert (filled.title, filled.published, filled.group) == ("Wing disc", False, "g1")
    assert filled.origins["group"] is Origin.RECORD
    assert filled.filled(Origin.FILE, title=None, channels=()) is filled


def test_each_axis_keeps_its_own_origin():
    draft = Draft().typed(spacing_um={"z": 0.5})
    draft = draft.filled(Origin.FILE, spacing_um={"z": 1.0, "y": 0.13, "x": 0.13})
    draft = draft.typed(spacing_um={**draft.spacing_um, "x": 0.2})

    assert draft.spacing_um == {"z": 0.5, "y": 0.13, "x": 0.2}
    assert {key: origin.value for key, origin in draft.origins.items()} == {
        "spacing_um.z": "typed",
        "spacing_um.y": "file",
        "spacing_um.x": "typed",
    }
    assert draft.typed(spacing_um={}).origins == {}


def test_a_template_gives_all_but_what_is_of_one_image():
    template = Draft(
        group="g", licence=Licence(spdx="CC0-1.0"), sizes={"x": 4},
        sources=(Source(path="a.tif"),),
    )  # fmt: skip
    draft = Draft().typed(title="Mine").filled_by(template)

    assert draft.licence == template.licence
    assert (draft.id, draft.sizes, draft.sources) != (template.id, {"x": 4}, ())
    assert draft.origins["licence"] is Origin.TEMPLATE


def test_a_term_is_said_once_and_by_the_depositor():
    fly = Term(text="fruit fly")
    draft = Draft().annotated(TermField.ORGANISM, fly)

    assert draft.annotated(TermField.ORGANISM, fly) == draft
    assert draft.terms(TermField.ORGANISM) == (fly,)
    assert draft.annotations[0].assertion.by == "depositor"


def test_a_source_is_a_file_or_a_layer_and_shows_no_folder():
    assert Source(path="/home/jane/a.zarr/").name == "a.zarr"
    assert Source(path=r"C:\Users\jane\a.tif").name == "a.tif"
    assert Source(layer="cells").name == "cells"
    with pytest.raises(ValidationError, match="a file or a layer"):
        Source()


def test_the_size_is_known_only_if_all_are():
    known = Source(path="a", size_bytes=2)

    assert Draft(sources=(known, known)).size_bytes == 4
    assert Draft(sources=(known, Source(path="b"))).size_bytes is None
    assert Draft().size_bytes is None


def test_nothing_that_could_not_be_read_again_gets_into_a_draft():
    with pytest.raises(ValidationError):
        Draft().typed(spacing_um={"x": float("nan")})
