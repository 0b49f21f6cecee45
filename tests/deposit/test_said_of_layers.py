"""What was said of layers arrives in the library with the image."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from tests.deposit.conftest import described

from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.draft import Draft, Origin, Source
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Annotation, Assertion, Query, Term, TermField
from napari_cellib.model.statement import Region, RegionShape, Remark, Statements
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.layer_sets import save_layers
from napari_cellib.pixels.layer_sets.statements import with_statements
from napari_cellib.viewmodels.depositing.filling import files_job, layers_job

ADA = Assertion(by="curator", author="Ada", at=datetime(2026, 1, 2, tzinfo=UTC))
MOUSE = Term(id="NCBITaxon:10090", label="Mus musculus")
COMPONENT = TermField.CELLULAR_COMPONENT
REGION = Region(
    id="00000000000000aa", shape=RegionShape.POINT, axes=("y", "x"), points=((1, 2),)
)


def note(field, term, **more):
    return Annotation(field=field, term=term, assertion=ADA, **more)


@pytest.fixture
def said():
    """Return statements of an image and a region, some of which hold no longer."""
    wrong = note(TermField.ORGANISM, Term(text="rat"))
    right = note(TermField.ORGANISM, MOUSE, supersedes=wrong.key)
    absent = note(COMPONENT, Term(text="cilium"), qualifier="absent")
    cell = note(COMPONENT, Term(id="GO:0005634", label="nucleus"), region=REGION.id)
    return Statements(
        annotations=(wrong, right, absent, cell),
        regions=(REGION,),
        remarks=(Remark(text="Blurred", assertion=ADA),),
    )


def layer(said):
    pixels = np.random.default_rng(0).integers(0, 999, (40, 50), dtype="uint16")
    metadata = with_statements({"own": 1}, said)
    return pixels, {"name": "nuclei", "metadata": metadata}, "image"


def test_terms_of_the_image_join_the_form_and_all_else_is_kept_beside(said):
    fill = drive(layers_job([layer(said)]))
    typed = Draft().annotated(TermField.ORGANISM, Term(text="wing"))

    draft = fill(typed)

    assert [n.term for n in draft.annotations] == [Term(text="wing"), MOUSE]
    assert draft.statements.keys == said.keys - {n.key for n in said.annotations[:2]}
    assert draft.origins["statements"] is Origin.LAYER
    assert fill(draft) == draft
    again = Draft.model_validate_json(draft.model_dump_json(exclude_defaults=True))
    assert again == draft


def test_what_was_said_of_other_layers_goes_when_others_are_chosen(said):
    draft = drive(layers_job([layer(said)]))(Draft())
    other = drive(layers_job([layer(Statements())]))(draft)
    assert not other.statements
    assert "statements" not in other.origins


def test_an_ome_zarr_that_layers_were_saved_as_says_what_was_said_of_them(
    said, tmp_path
):
    folder = tmp_path / "layers.ome.zarr"
    drive(save_layers([layer(said)], folder))

    draft = drive(files_job([folder]))(Draft())

    assert draft.sizes == {"y": 40, "x": 50}
    assert [n.term for n in draft.annotations] == [MOUSE]
    assert draft.statements.regions == (REGION,)


def test_regions_and_remarks_arrive_in_the_library(depositions, home, said):
    draft = drive(layers_job([layer(said)]))(described(Source(layer="nuclei")))
    deposition = submit(depositions, draft, home)

    record = drive(carry_on(depositions, deposition.id, home, layers=[layer(said)]))

    stored = home.statements(record.id)
    assert draft.statements.keys <= stored.keys
    assert MOUSE in record.terms(TermField.ORGANISM)
    assert home.search(Query(text="nucleus")).total == 1
    image = drive(open_image(home.locate(record.representation("pyramid"))))
    (entry,) = image.layer_set["layers"]
    written = home.blob_folder(record.id) / "pyramid.ome.zarr" / entry["path"]
    assert "statements" not in (written / "zarr.json").read_text()


def test_a_deposit_that_died_before_it_was_said_says_it_once(
    depositions, home, said, monkeypatch
):
    draft = drive(layers_job([layer(said)]))(described(Source(layer="nuclei")))
    deposition = submit(depositions, draft, home)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedLibrary, "annotate", killed)
        with pytest.raises(KeyboardInterrupt):
            drive(carry_on(depositions, deposition.id, home, layers=[layer(said)]))

    record = drive(carry_on(depositions, deposition.id, home))
    stored = home.statements(record.id)
    assert draft.statements.keys <= stored.keys
    assert len(stored.regions) == len(stored.remarks) == 1
