"""All forms in which an image is cited or described, by their names."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from napari_cellib.citing.cff import citation_cff
from napari_cellib.citing.csl import csl_item
from napari_cellib.citing.datacite import datacite
from napari_cellib.citing.ro_crate import ro_crate
from napari_cellib.model import bibtex, citation_text, ris

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.model import ImageRecord
    from napari_cellib.model.statement import Statements

Style: TypeAlias = Literal[
    "text", "bibtex", "ris", "csl", "datacite", "cff", "ro-crate"
]


def _as_json(write: Callable[[ImageRecord, str], Any]) -> Callable[..., str]:
    def written(record: ImageRecord, library_name: str) -> str:
        found = write(record, library_name)
        return json.dumps(found, ensure_ascii=False, indent=2)

    return written


def _csl(record: ImageRecord, library_name: str) -> list[dict[str, Any]]:
    return [csl_item(record, library_name)]  # reference managers want a list


STYLES: dict[Style, Callable[[ImageRecord, str], str]] = {
    "text": citation_text,
    "bibtex": bibtex,
    "ris": ris,
    "csl": _as_json(_csl),
    "datacite": _as_json(datacite),
    "cff": citation_cff,
    "ro-crate": _as_json(ro_crate),
}


def cite(
    record: ImageRecord,
    library_name: str,
    style: Style = "text",
    said: Statements | None = None,
) -> str:
    """Return how to cite an image, or its description, as a text.

    Parameters
    ----------
    record : ImageRecord
        The image.
    library_name : str
        Full name of the library that holds it.
    style : {"text", "bibtex", "ris", "csl", "datacite", "cff", "ro-crate"}
        In words; for reference managers (BibTeX, RIS, CSL-JSON); as metadata of
        DataCite; as a file CITATION.cff, or as a file ro-crate-metadata.json.
    said : Statements, optional
        All that is said of it and of its regions; an RO-Crate holds it, too.

    Raises
    ------
    ValueError
        When there is no such style.
    """
    if style not in STYLES:
        raise ValueError(f"style is one of {', '.join(STYLES)}, not {style!r}")
    if style == "ro-crate":
        return _as_json(partial(ro_crate, said=said))(record, library_name)
    return STYLES[style](record, library_name)
