"""How an image is named: accessions and ``cellib://`` addresses."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, unquote

from pydantic import Field

from napari_cellib.errors import AddressInvalid
from napari_cellib.model._base import Model
from napari_cellib.model.check_character import check_character

SCHEME = "cellib://"
SEARCH = f"{SCHEME}search?"  # what follows asks for images, and names none

LibraryId = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="short name of a library"),
]
RecordId = Annotated[
    str,
    # No "..", no leading slash: the identifier becomes part of file names and URLs.
    Field(
        pattern=r"^[A-Za-z0-9](?:\.?[A-Za-z0-9_:-]){0,127}$",
        description="identifier of an image within its library",
        examples=["CLB0000028", "CIL:10107"],
    ),
]

_ACCESSION = re.compile(r"^CLB(\d{6})([\dX])$")


class Address(Model):
    """Where an image is found: the library and the record within it."""

    library: LibraryId
    record: RecordId

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address of the form ``cellib://LIBRARY/RECORD``.

        What a link says of a view, after the record, is passed over: see `view_link`.

        Parameters
        ----------
        text : str
            The address as typed, pasted or dropped.

        Returns
        -------
        Address
            The two parts of it.

        Raises
        ------
        AddressInvalid
            When `text` has another form.

        Examples
        --------
        >>> Address.parse("cellib://demo/CLB0000028").record
        'CLB0000028'
        """
        cleaned = text.strip()
        if not cleaned.lower().startswith(SCHEME):
            raise AddressInvalid(text)
        if cleaned.lower().startswith(SEARCH):
            raise AddressInvalid(text, is_search=True)
        bare = re.split(r"[?#]", cleaned[len(SCHEME) :], maxsplit=1)[0]
        library, _, record = bare.rstrip("/").partition("/")
        try:
            return cls(library=library.lower(), record=unquote(record))
        except ValueError as error:
            raise AddressInvalid(text) from error

    def __str__(self) -> str:
        return f"{SCHEME}{self.library}/{quote(self.record, safe=':')}"


def mint_accession(number: int) -> str:
    """Return the accession of the `number`-th record that a library takes in.

    Examples
    --------
    >>> mint_accession(1)
    'CLB000001X'
    """
    digits = f"{number:06d}"
    if len(digits) > 6:
        raise ValueError(f"accessions end at 999999, {number} is beyond")
    return f"CLB{digits}{check_character(digits)}"


def is_accession(text: str) -> bool:
    """Say whether `text` is an accession whose check character is right."""
    match = _ACCESSION.match(text)
    return match is not None and check_character(match[1]) == match[2]
