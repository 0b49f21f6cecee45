"""An item of CSL-JSON, which reference managers and pandoc read.

Fields are those of the Citation Style Language 1.0.2, type ``dataset``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.citing.parts import address_of, name_of, published

if TYPE_CHECKING:
    from napari_cellib.model import ImageRecord


def csl_item(record: ImageRecord, library_name: str) -> dict[str, Any]:
    """Return an image as an item of CSL-JSON.

    Parameters
    ----------
    record : ImageRecord
        The image.
    library_name : str
        Full name of the library that holds it.

    Returns
    -------
    dict
        JSON types; what is not known is absent.
    """
    date = published(record)
    people = [_person(*name_of(c)) for c in record.contributors]
    item: dict[str, Any] = {
        "id": record.cited_as,
        "type": "dataset",
        "title": record.title,
        "author": people or [{"literal": record.attribution or library_name}],
        "issued": date and {"date-parts": [[int(part) for part in date.split("-")]]},
        "publisher": library_name,
        "number": record.cited_as,
        "genre": "image",
        "DOI": record.identifiers.doi,
        "URL": address_of(record),
        "abstract": record.description,
        "note": record.licence and f"Licence: {record.licence.name}",
    }
    return {key: value for key, value in item.items() if value}


def _person(family: str, given: str | None) -> dict[str, str]:
    return {"family": family, "given": given} if given else {"literal": family}
