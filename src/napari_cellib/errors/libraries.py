"""What can be wrong with a library, an address, or what is asked of one."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class AddressInvalid(CellibError):
    """A text that should be a ``cellib://`` address is none."""

    def __init__(self, text: str, *, is_search: bool = False) -> None:
        if is_search:
            what = "This address leads to a search, not to an image."
            fix = "Paste it into the line of the panel, which finds the images."
        else:
            what = f"{text!r} is no address of an image."
            fix = "Write cellib://LIBRARY/RECORD, for example cellib://demo/CLB0000028."
        super().__init__(what, fix=fix)


class LibraryNotFound(CellibError):
    """There is no library of that name, or nothing in that folder."""

    def __init__(self, name: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"There is no library {name!r}.",
            fix=fix or "Run 'cellib demo' once to make the demo library.",
        )


class LibraryDamaged(CellibError):
    """A library's folder cannot be read as one."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The library in {where} cannot be read: {reason}.",
            fix="Run 'cellib doctor' to see what is wrong with it.",
        )


class LibraryExists(CellibError):
    """A library cannot be made where something is already.

    Parameters
    ----------
    where : str
        The place.
    found : str, optional
        Id of the library that is there, if it is one.
    """

    def __init__(self, where: str, *, found: str | None = None) -> None:
        which = f": the library {found!r}" if found else ""
        super().__init__(
            f"There is something in {where} already{which}.",
            fix="Choose a new or an empty folder.",
        )


class LibraryTooNew(CellibError):
    """A library was written by a newer version of this program."""

    def __init__(self, where: str, *, found: str, known: str) -> None:
        super().__init__(
            f"The library in {where} has format {found}, this program knows {known}.",
            fix="Update napari-cellib; the library was left as it is.",
        )


class LibraryReadOnly(CellibError):
    """A library lies where nothing can be written."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The library in {where} is read-only.",
            fix="Copy it to a folder of your own to change it.",
        )


class LibraryBusy(CellibError):
    """Another program is writing to the library and did not finish in time."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"Another program is writing to the library in {where}.",
            fix="Wait a moment, then try again.",
        )


class LibraryUnreachable(CellibError):
    """A library does not answer in time."""

    def __init__(self, name: str, *, seconds: float) -> None:
        super().__init__(
            f"{name} did not answer within {seconds:g} s.",
            fix="Check its drive or the network, then try again.",
        )


class LibraryWithoutFiles(CellibError):
    """A library in a database has no folder where files could be put."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The library in {where} has no folder for files.",
            fix="Add ?files=FOLDER to its address, a folder that all its users see.",
        )


class DatabaseUnreachable(CellibError):
    """The database of a library does not answer, or lets nobody in."""

    def __init__(self, where: str, reason: str, *, fix: str) -> None:
        super().__init__(
            f"The database of the library in {where} cannot be used: {reason}.", fix=fix
        )


class RecordNotFound(CellibError):
    """No record of that accession is in the library."""

    def __init__(self, accession: str, *, library: str) -> None:
        super().__init__(
            f"{library} has no image {accession!r}.",
            fix="Check the number, or search for its title instead.",
        )
        self.accession = accession
        self.library = library


class RecordInvalid(CellibError):
    """A document is no image record."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} is no valid image record: {reason}.",
            fix="Correct the fields that are named, then try again.",
        )
        self.reason = reason


class QueryInvalid(CellibError):
    """A search cannot be understood."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The search cannot be understood: {reason}.",
            fix="Search for plain words, or start a new search.",
        )
