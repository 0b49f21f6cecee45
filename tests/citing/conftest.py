from __future__ import annotations

import pytest

from napari_cellib.model import (
    Annotation,
    Contributor,
    Dates,
    Funding,
    Identifiers,
    ImageRecord,
    Licence,
    Link,
    Publication,
    Representation,
    Term,
    TermField,
)


def note(field, qualifier="present", **term):
    return Annotation(field=TermField(field), term=Term(**term), qualifier=qualifier)


@pytest.fixture
def record():
    """Return an image of which much is known."""
    jane = Contributor(
        name="Doe, Jane",
        orcid="0000-0002-1825-0097",
        affiliation="Institute of Cells",
        ror="02mhbdp94",
    )
    return ImageRecord(
        id="CLB0000028",
        library="demo",
        title='Mitochondria: "rods" & rings',
        description="Seen in two colours.\nIn a living cell.",
        technical_details="60x, NA 1.4",
        contributors=(jane, Contributor(name="Cell Consortium")),
        dates=Dates(imaged="2010", published="2011-05-01"),
        licence=Licence(spdx="CC-BY-4.0"),
        identifiers=Identifiers(doi="10.7295/W9CIL1"),
        publications=(
            Publication(doi="10.1000/xyz123", pmid="12345678", year=2011),
            Publication(pmid="23456789", citation="Roe (2012) On rods."),
        ),
        funding=(Funding(funder="Cell Fund", award="CF-7"), Funding(funder="Own")),
        links=(Link(url="https://example.org/lab"),),
        annotations=(
            note("organism", id="NCBITaxon:9606", label="Homo sapiens"),
            note("cell_line", id="CVCL_0030", label="HeLa"),
            note("cellular_component", text="bright rods"),
            note("disease", "absent", id="DOID:162", label="cancer"),
        ),
        representations=(
            Representation(
                role="pyramid",
                url="CLB0000028/pyramid.ome.zarr",
                format="ome-zarr",
                access="chunked",
                size_bytes=1234,
            ),
            Representation(
                role="original",
                url="https://example.org/raw.czi",
                media_type="image/x-czi",
                sha256="a" * 64,
            ),
        ),
    )


@pytest.fixture
def bare():
    """Return an image of which next to nothing is known."""
    return ImageRecord(id="CLB000001X", title="Untitled")
