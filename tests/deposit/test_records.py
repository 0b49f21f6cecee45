from __future__ import annotations

from datetime import UTC, datetime

import pytest

from napari_cellib.deposit.draft import Draft, DraftFunding, DraftPerson, Origin, Source
from napari_cellib.deposit.records import from_record, study_called, to_record
from napari_cellib.errors import RecordInvalid
from napari_cellib.model import (
    Channel,
    CreditRole,
    Funding,
    Kind,
    Licence,
    Medium,
    Status,
    Term,
    TermField,
)

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def draft():
    return (
        Draft(
            title=" Wing disc ",
            description="What is seen.",
            study_title="Discs",
            group="disc-7",
            specimen="Third instar",
            preparation="Fixed.\n\nMounted.",
            instrument="Confocal",
            details="Gain 600",
            medium=Medium.LANTERN_SLIDE,
            imaged="2026-05",
            dtype="uint16",
            channels=(Channel(name="DAPI"), Channel(name="actin")),
            contributors=(
                DraftPerson(
                    name="Doe, Jane",
                    orcid="https://orcid.org/0000-0002-1825-0097",
                    affiliation="Uni",
                    roles=(CreditRole.INVESTIGATION,),
                ),
            ),
            funding=(DraftFunding(funder="ERC", award="7"), DraftFunding()),
            licence=Licence(spdx="CC-BY-4.0"),
            published=False,
            articles=("https://doi.org/10.1000/xyz123", "PMID 123"),
            sources=(Source(path="disc.tif"),),
        )
        .filled(Origin.FILE, sizes={"c": 2, "z": 3, "y": 4, "x": 5})
        .filled(Origin.FILE, spacing_um={"y": 0.13, "x": 0.13})
        .typed(spacing_um={"z": 0.5, "y": 0.13, "x": 0.13})
        .annotated(TermField.ORGANISM, Term(id="NCBITaxon:7227", text="fruit fly"))
    )


def test_a_draft_becomes_a_record_with_all_that_was_said(draft):
    record = to_record(draft, id="CLB000001X", at=AT)

    assert (record.title, record.status) == ("Wing disc", Status.DRAFT)
    assert record.kinds == (Kind.Z_STACK, Kind.MULTICHANNEL)
    assert record.technical_details == (
        "Gain 600\n\nSpecimen: Third instar\n\nPreparation: Fixed.\n\nMounted.\n\n"
        "Instrument: Confocal"
    )
    assert record.contributors[0].orcid == "0000-0002-1825-0097"
    assert record.funding == (Funding(funder="ERC", award="7"),)
    assert [p.doi or p.pmid for p in record.publications] == ["10.1000/xyz123", "123"]
    assert record.unpublished_data is True
    assert (record.dates.imaged, record.dates.deposited) == ("2026-05", "2026-06-01")
    assert record.dimensions.spacing_um == {"z": 0.5, "y": 0.13, "x": 0.13}
    assert record.extra == (
        ("where the pixel size is from", "z typed; y, x from the file"),
    )


def test_images_of_a_study_that_is_known_by_its_title_belong_together(draft):
    record = to_record(draft, id="CLB000001X")
    other = to_record(draft.typed(study_title=" discs  "), id="CLB0000028")
    joined = to_record(draft.typed(study="S-BIAD1"), id="CLB0000036")

    assert record.study == other.study
    assert record.study.startswith("study-discs-")
    assert (joined.study, joined.study_title) == ("S-BIAD1", "Discs")
    assert from_record(record).study is None, "its title may be written anew"
    assert from_record(joined).study == "S-BIAD1"


def test_the_record_says_who_said_it_and_keeps_the_own_words(draft):
    (note,) = to_record(draft, id="CLB000001X", at=AT).annotations

    assert note.term.text == "fruit fly"
    assert (note.assertion.by, note.assertion.author) == ("depositor", "Doe, Jane")
    assert note.assertion.orcid == "0000-0002-1825-0097"
    assert note.assertion.at == AT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": None}, "title"),
        ({"contributors": (DraftPerson(name="D", orcid="1"),)}, "ORCID"),
        ({"articles": ("?",)}, "DOI"),
        ({"channels": (Channel(),)}, "1 channels named, 2 present"),
        ({"imaged": "May"}, "no date"),
    ],
)
def test_what_no_record_may_have_is_refused_with_its_reason(draft, change, reason):
    with pytest.raises(RecordInvalid, match=reason):
        to_record(draft.typed(**change), id="CLB000001X")


@pytest.mark.parametrize(
    ("sizes", "rgb", "kinds"),
    [
        ({"y": 4, "x": 4}, False, (Kind.STILL,)),
        ({"t": 2, "z": 1, "y": 4, "x": 4}, False, (Kind.TIME_SERIES,)),
        ({"c": 3, "y": 4, "x": 4}, True, (Kind.STILL, Kind.RGB)),
    ],
)
def test_the_kind_of_image_follows_from_its_sizes(sizes, rgb, kinds):
    draft = Draft(title="A cell", sizes=sizes, rgb=rgb)

    assert to_record(draft, id="CLB000001X").kinds == kinds


def test_an_image_without_known_sizes_still_becomes_a_record():
    record = to_record(Draft(title="A cell"), id="CLB000001X")

    assert (record.dimensions, record.kinds, record.extra) == (None, (), ())


def test_a_former_deposition_gives_what_is_the_same_and_leaves_the_rest(draft):
    again = from_record(to_record(draft, id="CLB000001X", at=AT))

    for name in (
        "specimen",
        "preparation",
        "instrument",
        "details",
        "medium",
        "group",
        "licence",
    ):
        assert getattr(again, name) == getattr(draft, name), name
    assert again.contributors[0].roles == (CreditRole.INVESTIGATION,)
    assert again.articles == ("10.1000/xyz123", "123")
    assert again.published is False
    assert again.spacing_um == draft.spacing_um
    assert again.origins["spacing_um.z"] is Origin.RECORD
    assert (again.title, again.sizes, again.sources, again.embargo_until) == (
        None, {}, (), None,
    )  # fmt: skip
    assert again.annotations[0].assertion.evidence == "taken over from CLB000001X"


def test_a_record_of_another_archive_gives_its_details_as_they_are(draft):
    record = to_record(draft, id="CIL:1").model_copy(
        update={
            "technical_details": "Frozen; see Preparation: none.",
            "dimensions": None,
        }
    )

    assert from_record(record).details == "Frozen; see Preparation: none."


def test_a_study_is_the_same_however_a_computer_writes_its_accents():
    assert study_called("Muskel\u00fc") == study_called(" muskelu\u0308 ")
