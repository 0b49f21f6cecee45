"""Every error that napari-cellib raises on purpose, in one tree.

* CellibError
    * AddressInvalid
    * JobCancelled
    * LibraryNotFound
    * LibraryDamaged
    * LibraryExists
    * LibraryTooNew
    * LibraryReadOnly
    * LibraryBusy
    * LibraryWithoutFiles
    * DatabaseUnreachable
    * LibraryUnreachable
    * RecordNotFound
    * RecordInvalid
    * QueryInvalid
    * PixelsNotFound
    * PixelsUnreadable
        * FormatUnknown
    * PixelsUnreachable
        * PixelsNotKept
    * TermsUnreadable
    * TermsTooNew
    * TermUnknown
    * ChoiceRefused
    * OntologyUnknown
    * TermsBusy
    * DownloadFailed
    * DumpUnreadable
    * ArchiveUnreachable
    * ArchiveUnreadable
    * KeyNeeded
    * TargetExists
    * StorageFull
    * MissingExtra
    * TourStopped
"""

from __future__ import annotations


class CellibError(Exception):
    """Base of all errors that a user of napari-cellib can act on.

    Never derive from ``RuntimeError``: superqt's generator workers swallow it.

    Parameters
    ----------
    what : str
        What went wrong, in one sentence.
    fix : str
        What the reader can do next, in one sentence.
    """

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(f"{what} {fix}")
        self.what = what
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Let an error cross a process boundary although `fix` is keyword-only."""
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(
    kind: type[CellibError], args: tuple[object, ...], state: dict[str, object]
) -> CellibError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


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


class JobCancelled(CellibError):
    """The user stopped a job; what it had begun was cleaned up."""

    def __init__(self) -> None:
        super().__init__("The job was cancelled.", fix="Start it again when ready.")


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
    """A library cannot be made where something is already."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is something in {where} already.",
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


class PixelsNotFound(CellibError):
    """Nothing is stored where the pixels of an image should be."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no image at {where}.",
            fix="Check the address, or whether the drive is connected.",
        )


class PixelsUnreadable(CellibError):
    """Something is there, but it is no OME-Zarr image or it is damaged."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"The image at {where} cannot be read: {reason}.",
            fix=fix or "Ask whoever made it for a fresh copy, or open another image.",
        )
        self.reason = reason


class FormatUnknown(PixelsUnreadable):
    """A file is sound, but of a kind that is not known here."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            where,
            reason,
            fix=f"Open {where} with another of napari's readers.",
        )


class PixelsUnreachable(CellibError):
    """The server or drive that holds the pixels does not answer."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} does not answer: {reason}.",
            fix=fix or "Check the network connection, then try again.",
        )


class PixelsNotKept(PixelsUnreachable):
    """Only the cache may be used, and a file of an image is not in it."""

    def __init__(self, where: str, file: str) -> None:
        CellibError.__init__(
            self,
            f"{where} is not in the cache: {file} is missing, and offline mode is on.",
            fix="Leave offline mode, or keep the image by 'cellib cache keep' before.",
        )


class TermsUnreadable(CellibError):
    """A store of ontology terms, or a release of an ontology, cannot be used."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"The ontology terms in {where} cannot be read: {reason}.",
            fix=fix or "Remove that file to use the terms that come with the program.",
        )
        self.reason = reason


class TermsTooNew(CellibError):
    """A store of ontology terms was written by a newer version of this program."""

    def __init__(self, where: str, *, found: int, known: int) -> None:
        super().__init__(
            f"The ontology terms in {where} have format {found}, "
            f"this program knows {known}.",
            fix="Update napari-cellib; the file was left as it is.",
        )


class TermUnknown(CellibError):
    """No term of that identifier is in the ontologies at hand."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"There is no term {text!r} in the ontologies at hand.",
            fix="Check the identifier, or search for the term by its name.",
        )


class ChoiceRefused(CellibError):
    """A term that a person chose cannot take the place of one that has decayed."""

    def __init__(self, old: str, new: str, reason: str, *, fix: str) -> None:
        super().__init__(f"{new} cannot take the place of {old}: {reason}.", fix=fix)


class OntologyUnknown(CellibError):
    """There is no release of an ontology of that name."""

    def __init__(self, name: str, *, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There are no releases of an ontology {name!r}.",
            fix=f"Choose among {', '.join(known)}.",
        )


class TermsBusy(CellibError):
    """Another program is bringing the ontology terms up to date."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"Another program is updating the ontology terms in {where}.",
            fix="Wait until it is done, then try again.",
        )


class DownloadFailed(CellibError):
    """A file could not be brought here from a server."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} could not be downloaded: {reason}.",
            fix=fix
            or "Check the network connection, then try again: it goes on "
            "from where it stopped.",
        )


class DumpUnreadable(CellibError):
    """What should be an archive's dump is none."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The dump {where} cannot be read: {reason}.",
            fix="Name the zip as it was downloaded, or a folder of its documents.",
        )


class ArchiveUnreachable(CellibError):
    """The server of an archive does not answer, or has moved, or is too busy."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{where} cannot be asked: {reason}.",
            fix=fix
            or "Check the network connection, then try again: what was taken in stays.",
        )


class ArchiveUnreadable(CellibError):
    """The server of an archive gives an answer that is none."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The answer of {where} cannot be used: {reason}.",
            fix="Try again later; if it goes on, the archive has changed its answers.",
        )
        self.reason = reason


class KeyNeeded(CellibError):
    """An archive gives something only to those who have a key, and the right one."""

    def __init__(self, archive: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"{archive} asks for a key: {reason}.",
            fix=fix or "Ask the archive for one, then type 'cellib library key cil'.",
        )


class TargetExists(CellibError):
    """An image cannot be saved where something is already."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} is there already, and nothing is written over.",
            fix="Choose another name, or move it away.",
        )


class StorageFull(CellibError):
    """The drive has no room left."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no room left on the drive of {where}.",
            fix="Free some space, then try again; nothing was changed.",
        )


class MissingExtra(CellibError):
    """An optional package is not installed."""

    def __init__(self, purpose: str, *, install: str) -> None:
        super().__init__(
            f"{purpose} needs a package that is not installed.",
            fix=f"Install it with: {install}.",
        )


class TourStopped(CellibError):
    """A step of the demo's tour did not come to its end."""

    def __init__(self, step: str, *, seconds: float | None = None) -> None:
        waited = f", after {seconds:.0f} s" if seconds else ""
        super().__init__(
            f"The tour stopped at {step}{waited}.",
            fix="Run 'cellib doctor', then try again.",
        )
