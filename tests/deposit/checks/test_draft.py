from __future__ import annotations

from datetime import date

import pytest

from napari_cellib.deposit.checks.content import announcement
from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.checks.found import field_at
from napari_cellib.deposit.checks.private import check_text
from napari_cellib.deposit.draft import Draft, DraftFunding, DraftPerson, Origin, Source
from napari_cellib.deposit.fields import FIELDS, label_of
from napari_cellib.model import Channel, Licence, Term, TermField

TODAY = date(2026, 6, 1)


def found(draft, **options):
    return {(p.id, p.severity) for p in check_draft(draft, today=TODAY, **options)}


def without(draft, field):
    kept = tuple(note for note in draft.annotations if note.field is not field)
    return draft.typed(annotations=kept)


def test_nothing_is_said_of_a_sound_draft(sound):
    assert check_draft(sound, today=TODAY) == []


def test_an_empty_draft_lacks_what_rembi_and_datacite_want_and_no_more():
    errors = {p.id for p in check_draft(Draft()) if p.severity == "error"}

    assert errors == {
        "files-missing", "title-missing", "description-missing", "organism-missing",
        "imaging-method-missing", "specimen-missing", "preparation-missing",
        "instrument-missing", "creator-missing", "licence-missing",
    }  # fmt: skip


def test_errors_come_first(sound):
    draft = sound.typed(title=None, published=None)
    severities = [problem.severity for problem in check_draft(draft)]

    assert severities == sorted(severities, reverse=True)
    assert set(severities) == {"advice", "error"}


def test_every_problem_of_a_draft_begins_with_the_label_of_a_field():
    labels = {field.label for field in FIELDS.values()} | set(map(label_of, TermField))
    draft = Draft(contributors=(DraftPerson(orcid="1"),), articles=("?",))

    assert {field_at(p.where) for p in check_draft(draft)} <= labels


@pytest.mark.parametrize(
    ("change", "identifier", "severity"),
    [
        ({"title": None}, "title-missing", "error"),
        ({"title": "Disc_07"}, "title-is-file-name", "advice"),
        ({"description": "A cell."}, "description-short", "advice"),
        ({"preparation": "  "}, "preparation-missing", "error"),
        ({"imaged": "last May"}, "imaging-date-invalid", "error"),
        ({"licence": None}, "licence-missing", "error"),
        ({"licence": Licence(raw="ask me")}, "licence-unknown", "advice"),
        ({"licence": Licence(spdx="CC-BY-NC-4.0")}, "licence-restrictive", "advice"),
        ({"embargo_until": "soon"}, "embargo-invalid", "error"),
        ({"embargo_until": "2026-06-01"}, "embargo-past", "error"),
        ({"embargo_until": "2028-12-31"}, "embargo-long", "error"),
        ({"articles": ("10.1000",)}, "article-invalid", "error"),
        ({"published": True}, "article-missing", "advice"),
        ({"published": None}, "published-unknown", "advice"),
        ({"contributors": ()}, "creator-missing", "error"),
        ({"contributors": (DraftPerson(name="Doe"),)}, "orcid-missing", "advice"),
        (
            {"contributors": (DraftPerson(name="Doe", orcid="0000-0002-1825-0098"),)},
            "orcid-invalid",
            "error",
        ),
        (
            {"contributors": (DraftPerson(affiliation="Uni"),)},
            "contributor-unnamed",
            "error",
        ),
        ({"funding": (DraftFunding(award="R01"),)}, "funder-missing", "error"),
        ({"spacing_um": {"x": 0.0}}, "pixel-size-invalid", "error"),
        ({"spacing_um": {"y": 352.8, "x": 352.8}}, "pixel-size-of-print", "advice"),
        (
            {"sizes": {"t": 2, "y": 4, "x": 4}, "time_step_s": -1.0},
            "pixel-size-invalid",
            "error",
        ),
        ({"channels": (Channel(name="DAPI"),) * 2}, "channels-do-not-fit", "error"),
    ],
)
def test_each_fault_is_found(sound, change, identifier, severity):
    assert (identifier, severity) in found(sound.typed(**change))


def test_a_person_named_twice_is_found_by_the_orcid(sound):
    again = DraftPerson(name="J. Doe", orcid="0000-0002-1825-0097")
    people = (*sound.contributors, again)

    assert ("contributor-twice", "error") in found(sound.typed(contributors=people))


@pytest.mark.parametrize("field", [TermField.ORGANISM, TermField.IMAGING_METHOD])
def test_own_words_do_for_a_term_and_a_better_one_is_advised(sound, field):
    bare = without(sound, field)
    worded = bare.annotated(field, Term(text="something"))

    assert any(severity == "error" for _, severity in found(bare))
    assert found(worded) == {("term-is-free-text", "advice")}


def test_words_do_for_the_specimen(sound):
    bare = without(sound, TermField.ANATOMY)

    assert found(bare) == {("specimen-missing", "error")}
    assert found(bare.typed(specimen="Wing imaginal disc")) == set()


def test_channels_of_several_want_names(sound):
    draft = sound.typed(sizes={"c": 2, "y": 4, "x": 4}, channels=(Channel(),) * 2)
    (problem,) = check_draft(draft, today=TODAY)

    assert (problem.id, problem.where) == ("channel-unnamed", "Channels")


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("mail to jane.doe@uni.example.org", "private-e-mail"),
        ("/home/jane/data/cell.tif", "private-path"),
        (r"C:\Users\jane\cell.tif", "private-path"),
        ("/Users/jane/cell.tif", "private-path"),
        ("Patient_12345_slide.tif", "private-patient"),
        ("biopsy MRN: 00123456", "private-patient"),
        ("DOB 1961-05-31", "private-patient"),
        ("Doe^Jane", "private-patient"),
        ("078-05-1120", "private-patient"),
    ],
)
def test_personal_data_are_found_in_texts(text, identifier):
    assert [problem.id for problem in check_text(text, "Files")] == [identifier]


@pytest.mark.parametrize(
    "text",
    ["Patient 3 of the cohort", "series_2026-05-31_4.tif", "5 x 10^6 cells", "60x/1.4"],
)
def test_usual_texts_are_not_taken_for_personal_data(text):
    assert list(check_text(text, "Files")) == []


def test_names_of_files_and_channels_are_looked_through_but_not_folders(sound):
    own = Source(path="/home/jane/disc_07.tif")
    named = Channel(name="jane@uni.example.org")

    assert found(sound.typed(sources=(own,))) == set()
    assert found(sound.typed(channels=(named,))) == {("private-e-mail", "advice")}


def test_content_that_the_library_has_is_told_with_its_number(sound):
    digest = "ab" * 32
    source = Source(path="a.tif", digest=digest)
    (problem,) = check_draft(
        sound.typed(sources=(source,)),
        today=TODAY,
        held_as={digest: "CLB0000028"}.get,
    )

    assert problem.id == "content-already-held"
    assert "CLB0000028" in problem.message


def test_the_size_is_announced_and_held_against_the_room(sound):
    large = sound.typed(sources=(Source(path="a.zarr", size_bytes=30_000_000_000),))

    assert found(large) == {("deposit-large", "advice")}
    assert found(large, room_bytes=10**9) == {("room-too-small", "error")}
    assert announcement(large) == "1 file or layer, 30 GB."
    assert "not known" in announcement(Draft(sources=(Source(layer="cells"),)))


def test_a_size_given_for_an_ome_zarr_is_said_not_to_be_in_it(sound):
    sizes = {"z": 0.4, "y": 0.13, "x": 0.13}
    kept = sound.model_copy(update={"sources": (Source(path="/data/disc.ome.zarr"),)})
    unknown = kept.model_copy(update={"spacing_um": {}})

    for given in (
        kept.typed(spacing_um=sizes),
        unknown.filled(Origin.TABLE, spacing_um=sizes),
    ):
        assert ("pixel-size-not-in-file", "advice") in found(given)
    for other in (
        unknown.filled(Origin.FILE, spacing_um=sizes),
        sound.typed(spacing_um=sizes),
    ):
        assert "pixel-size-not-in-file" not in {name for name, _ in found(other)}
