"""A draft that has nothing wrong, to be spoilt in one place at a time."""

from __future__ import annotations

import pytest

from napari_cellib.deposit.draft import Draft, DraftPerson, Source
from napari_cellib.model import Licence, Term, TermField


@pytest.fixture
def sound() -> Draft:
    """Return a draft about which there is nothing to say."""
    draft = Draft(
        title="Wing disc, third instar",
        description="Nuclei and actin of a wing disc; look at the fold in the middle.",
        preparation="Fixed in formaldehyde, mounted in glycerol.",
        instrument="Confocal microscope, 40x oil.",
        sizes={"z": 12, "y": 300, "x": 400},
        spacing_um={"z": 0.5, "y": 0.13, "x": 0.13},
        contributors=(DraftPerson(name="Doe, Jane", orcid="0000-0002-1825-0097"),),
        licence=Licence(spdx="CC-BY-4.0"),
        published=False,
        sources=(Source(path="/data/disc_07.tif", size_bytes=2_000_000),),
    )
    fly = Term(id="NCBITaxon:7227", label="Drosophila melanogaster")
    confocal = Term(id="FBbi:00000251", label="confocal microscopy")
    tissue = Term(id="UBERON:0000023", label="wing")
    return (
        draft.annotated(TermField.ORGANISM, fly)
        .annotated(TermField.IMAGING_METHOD, confocal)
        .annotated(TermField.ANATOMY, tissue)
    )
