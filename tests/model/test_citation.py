from __future__ import annotations

from napari_cellib.model import (
    Contributor,
    Dates,
    Identifiers,
    ImageRecord,
    Licence,
    bibtex,
    citation_text,
    ris,
)


def a_record(**what_matters) -> ImageRecord:
    values = {
        "id": "CLB0000028",
        "library": "demo",
        "title": "Mitochondria",
        "contributors": (Contributor(name="Doe, Jane"), Contributor(name="Roe, R")),
        "dates": Dates(published="2011-05-01"),
        "licence": Licence(spdx="CC-BY-4.0"),
    }
    return ImageRecord(**{**values, **what_matters})


def test_the_citation_names_people_year_title_library_and_number():
    assert citation_text(a_record(), "Demo library") == (
        "Doe, Jane; Roe, R (2011). Mitochondria [image]. Demo library, CLB0000028. "
        "cellib://demo/CLB0000028"
    )


def test_the_sources_own_citation_wins():
    assert citation_text(a_record(citation="As we say."), "Demo") == "As we say."


def test_a_doi_is_cited_as_a_link():
    record = a_record(identifiers=Identifiers(doi="10.7295/W9CIL1"))

    assert citation_text(record, "CIL").endswith("https://doi.org/10.7295/W9CIL1")


def test_an_unknown_year_is_said_to_be_unknown():
    assert "(n.d.)" in citation_text(a_record(dates=Dates()), "Demo")


def test_bibtex_escapes_what_latex_would_read_as_a_command():
    entry = bibtex(a_record(title=r"50% of {A}_b & \input{x}"), "Demo")

    assert r"50\% of \{A\}\_b \& /input\{x\}" in entry
    assert entry.startswith("@misc{CLB0000028,")
    assert "Doe, Jane and Roe, R" in entry


def test_a_line_break_in_a_title_cannot_forge_a_ris_tag():
    entry = ris(a_record(title="a\nER  - \nTY  - JOUR"), "Demo")

    assert entry.count("\nER  - ") == 1
    assert entry.startswith("TY  - DATA\n")
    assert "DO  -" not in entry
