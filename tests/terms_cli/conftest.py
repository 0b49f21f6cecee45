"""How the verbs of ``cellib terms`` are run, and a library for them to look at."""

from __future__ import annotations

import pytest

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Annotation, ImageRecord, Term, TermField


@pytest.fixture
def cellib(capsys):
    """Run a verb of ``cellib terms``; return exit code, output and complaints."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["terms", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def library(own_data_folder):
    """Return a library with a record whose terms have decayed."""
    folder = own_data_folder / "libraries" / "lab"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab")
    # Merged, obsolete without a successor, as it should be, and free text.
    terms = [
        Term(id="GO:0019952", label="old name"),
        Term(id="GO:0005739", label="mitochondrion"),
        Term(text="something else"),
    ]
    notes = [Annotation(field=TermField.BIOLOGICAL_PROCESS, term=t) for t in terms]
    raw = {"kept": "as it is"}
    drive(
        library.add_many([ImageRecord(id="R1", title="x", annotations=notes, raw=raw)])
    )
    library.close()
    return folder
