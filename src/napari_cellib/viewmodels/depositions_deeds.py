"""What is done with a deposition: a job for each, that says what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.citing import STYLES, cite
from napari_cellib.deposit.depositions import is_for
from napari_cellib.deposit.home import place_of
from napari_cellib.errors import (
    CellibError,
    DraftNotFound,
    DraftUnreadable,
    LibraryNotFound,
    TargetExists,
)
from napari_cellib.jobs import Progress
from napari_cellib.library.files import write_file, writing_errors
from napari_cellib.library.marker import is_library
from napari_cellib.model import Address
from napari_cellib.viewmodels.words import count_in_words, size_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from napari_cellib.citing import Style
    from napari_cellib.deposit.depositions import Deposition, Depositions
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import Drafts
    from napari_cellib.deposit.verify import Verified
    from napari_cellib.jobs import Job
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.viewmodels.depositions_rows import DepositionRow
    from napari_cellib.viewmodels.libraries import Libraries

# All but the description of a folder, which is saved as one.
CITATIONS: dict[Style, str] = {
    "text": "As text",
    "bibtex": "As BibTeX",
    "ris": "As RIS",
    "csl": "As CSL JSON",
    "datacite": "As DataCite JSON",
    "cff": "As CITATION.cff",
}
assert CITATIONS.keys() == STYLES.keys() - {"ro-crate"}

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deed.

    Attributes
    ----------
    words : str
        What a person reads; empty if there is nothing to say.
    copied : str or None
        What is to be put on the clipboard.
    draft : Draft or None
        What is to be worked on next.
    correction : Deposition or None
        What could not be corrected, with what was typed: it must not be lost.
    damaged : Deposition or None
        One that can be corrected once a person gives up what was typed before, which
        cannot be read; `words` say why.
    found : str or None
        The deposition whose library was found, so that it can go on.
    """

    words: str = ""
    copied: str | None = None
    draft: Draft | None = None
    correction: Deposition | None = None
    damaged: Deposition | None = None
    found: str | None = None


class Deeds:
    """Makes the jobs; all of them may wait for a drive.

    Parameters
    ----------
    libraries : Libraries
        Where images are deposited.
    depositions : Depositions
        All of one person.
    drafts : Drafts
        Of the same person.
    """

    def __init__(
        self, libraries: Libraries, depositions: Depositions, drafts: Drafts
    ) -> None:
        self._libraries = libraries
        self._depositions = depositions
        self._drafts = drafts

    def library_of(self, deposition: Deposition) -> EmbeddedLibrary:
        """Return the library of a deposition, also if it is none that is searched.

        Raises
        ------
        LibraryNotFound
            When it is not where it was, nor among the libraries of the person.
        """
        from napari_cellib.library.embedded import EmbeddedLibrary

        if not is_library(Path(deposition.place)):
            self._libraries.refresh()  # it may have been renamed
        for name in self._names(deposition):
            try:
                library = self._libraries.get(name)
                if isinstance(library, EmbeddedLibrary) and is_for(
                    deposition, library.folder
                ):
                    return library
            except LibraryNotFound:
                continue
        fix = (
            "Connect its drive, or put its folder back, then try again. If it was "
            "moved, say where it is now."
        )
        raise LibraryNotFound(deposition.place, fix=fix)

    def _names(self, deposition: Deposition) -> Iterator[str]:
        """Yield where the library of a deposition may be, what is likeliest first."""
        yield deposition.library
        if (place := place_of(self._libraries.settings, deposition)) is not None:
            yield str(place)

    def find_library(self, deposition: Deposition, folder: Path) -> Job[Outcome]:
        """Take note where the library of a deposition is now, for all in it.

        Raises
        ------
        DepositRefused
            When it is another library.
        LibraryNotFound
            When there is none.
        """
        yield Progress("Looking at the library")
        found = self._depositions.moved(deposition, folder)
        count = count_in_words(found, "deposition")
        return Outcome(f"The library of {count} is in {folder}.", found=deposition.id)

    def delete(self, row: DepositionRow) -> Job[Outcome]:
        """Remove a draft, or the remains of a damaged deposition."""
        remove = self._drafts.delete if row.is_draft else self._depositions.delete
        yield Progress("Deleting")
        remove(row.id)
        return Outcome(f"“{row.title}” was deleted.")

    def give_up(self, deposition: Deposition) -> Job[Outcome]:
        """Send a deposition no further; it is a draft again."""
        yield Progress("Giving up")
        told = f"“{deposition.draft.title}” was given up. It is a draft again."
        try:
            library = self.library_of(deposition)
        except LibraryNotFound:
            _service().give_up(self._depositions, deposition.id, None)
            return Outcome(f"{told} Its library was not there to be told.")
        _service().give_up(self._depositions, deposition.id, library)
        return Outcome(told)

    def copy_citation(self, deposition: Deposition, style: Style) -> Job[Outcome]:
        """Cite the image in one of the forms of `CITATIONS`."""
        yield Progress("Citing")
        library = self.library_of(deposition)
        record = library.record(deposition.record)
        name = CITATIONS[style].removeprefix("As ")
        said = "The citation" if style == "text" else f"The citation as {name}"
        return Outcome(f"{said} was copied.", cite(record, library.info.name, style))

    def save_crate(self, deposition: Deposition, folder: Path) -> Job[Outcome]:
        """Describe the image for those who collect descriptions, in a folder.

        Raises
        ------
        TargetExists
            When there is one of that name already.
        """
        yield Progress("Saving the RO-Crate")
        library = self.library_of(deposition)
        record = library.record(deposition.record)
        target = folder / f"{deposition.record}-ro-crate"
        try:
            with writing_errors(target):
                target.mkdir()
        except FileExistsError as error:
            raise TargetExists(str(target)) from error
        files: dict[str, Style] = {
            "ro-crate-metadata.json": "ro-crate",
            "CITATION.cff": "cff",
        }
        said = library.statements(deposition.record)
        for name, style in files.items():
            written = cite(record, library.info.name, style, said)
            write_file(target / name, written.encode())
        return Outcome(f"The RO-Crate was saved as {target}.")

    def verify(self, deposition: Deposition) -> Job[Outcome]:
        """Compare all files with what they were when they were deposited."""
        yield Progress("Verifying")
        library = self.library_of(deposition)
        from napari_cellib.deposit.verify import verify

        found = yield from verify(library.blob_folder(deposition.record))
        return Outcome(f"{deposition.record}: {verified_in_words(found)}")

    def publish(self, deposition: Deposition) -> Job[Outcome]:
        """Publish what is held."""
        yield Progress("Publishing")
        library = self.library_of(deposition)
        _service().lift(self._depositions, deposition.id, library)
        return Outcome(f"{deposition.record} is published.")

    def publish_due(self, held: Sequence[Deposition]) -> Job[Outcome]:
        """Publish what was held until a day that has come."""
        words = []
        for one in held:
            yield Progress("Publishing")
            try:
                _service().lift(self._depositions, one.id, self.library_of(one))
                words.append(f"{one.record} is published: its day has come.")
            except CellibError as error:
                words.append(f"{one.record} is not published yet. {error}")
        return Outcome("\n".join(words))

    def withdraw(self, deposition: Deposition, reason: str) -> Job[Outcome]:
        """Offer the files no longer; the record stays and says why."""
        yield Progress("Withdrawing")
        library = self.library_of(deposition)
        _service().withdraw(self._depositions, deposition.id, library, reason=reason)
        return Outcome(f"{deposition.record} is withdrawn. Its record stays.")

    def correct(self, deposition: Deposition, draft: Draft) -> Job[Outcome]:
        """Say something else of the image; the files stay as they are."""
        yield Progress("Correcting")
        try:
            library = self.library_of(deposition)
            _service().correct(self._depositions, deposition.id, library, draft)
        except CellibError as error:
            typed = deposition.model_copy(update={"draft": draft})
            return Outcome(str(error), correction=typed)
        self._drafts.corrections.delete(deposition.id)
        return Outcome(f"What is said of {deposition.record} was corrected.")

    def open_correction(self, deposition: Deposition) -> Job[Outcome]:
        """Say what is to be corrected, with what was typed before and not handed in."""
        yield Progress("Opening")
        try:
            draft = self._drafts.corrections.open(deposition.id)
        except DraftNotFound:
            return Outcome(correction=deposition)
        except DraftUnreadable as error:
            return Outcome(str(error), damaged=deposition)
        typed = deposition.model_copy(update={"draft": draft})
        return Outcome(correction=typed)

    def correct_anew(self, deposition: Deposition) -> Job[Outcome]:
        """Forget what was typed before, which cannot be read, and begin again."""
        yield Progress("Opening")
        self._drafts.corrections.delete(deposition.id)
        return Outcome(correction=deposition)

    def new_version(self, deposition: Deposition) -> Job[Outcome]:
        """Begin a draft that takes the place of a deposition once it is published."""
        yield Progress("Beginning a new version")
        draft = _service().new_version(self._depositions, deposition.id)
        return Outcome(draft=draft)

    def open_draft(self, row: DepositionRow) -> Job[Outcome]:
        """Read a draft, to go on with it."""
        yield Progress("Opening the draft")
        return Outcome(draft=self._drafts.open(row.id))


def _service() -> ModuleType:
    # What it needs takes a second to import: not before it is used.
    from napari_cellib.deposit import depositing

    return depositing


def link_to(deposition: Deposition) -> str:
    """Return the address that opens the image in napari."""
    return str(Address(library=deposition.library, record=deposition.record))


def verified_in_words(found: Verified) -> str:
    """Return what came of comparing files with what they were.

    Examples
    --------
    >>> from pathlib import Path
    >>> from napari_cellib.deposit.verify import Verified
    >>> verified_in_words(Verified(Path(), "", 12, 3_000_000, (), (), ()))
    'all 12 files (3.0 MB) are as they were deposited.'
    """
    if found.ok:
        size = size_in_words(found.size)
        count = (
            f"all {found.files:,} files ({size}) are"
            if found.files > 1
            else (f"its only file ({size}) is")
        )
        return f"{count} as {'they were' if found.files > 1 else 'it was'} deposited."
    lines = []
    for what, paths in (
        ("missing", found.missing),
        ("changed", found.changed),
        ("not of the deposition", found.extra),
    ):
        if paths:
            more = ", …" * (len(paths) > _MOST_NAMED)
            named = ", ".join(paths[:_MOST_NAMED])
            lines.append(f"{count_in_words(len(paths), 'file')} {what}: {named}{more}")
    return "not as it was deposited.\n" + "\n".join(lines)
