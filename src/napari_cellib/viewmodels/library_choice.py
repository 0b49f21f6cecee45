"""Which libraries there are, how they are, and which of them are searched."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.model import Query
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_cellib.archives.report import ImportReport
    from napari_cellib.jobs import Job
    from napari_cellib.library.members import Member
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.libraries import Libraries

_TICK_S = 0.1

CIL = "The Cell Image Library"
_COSTS = (
    "About 10,000 records of annotated images of cells. About 20 MB are downloaded "
    "and made searchable here, in a minute or two and 300 MB of this drive. It may be "
    "stopped, and goes on from there. Each image states its own licence."
)
_UPDATE = "Takes in what is new or has changed in the archive's public dump."
_FOLLOW = (
    "Takes in what was published since. The archive tells it to those who have a key: "
    "'cellib library key cil' keeps yours."
)


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """One library: its names, how it is, and whether it is searched."""

    id: str
    name: str
    state: str = "asking…"
    is_chosen: bool = True

    @property
    def note(self) -> str:
        """What stands beside the name: the word on the cards, and how it is."""
        return f"{self.id} · {self.state}"


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done about The Cell Image Library, and what it costs.

    Attributes
    ----------
    title, note : str
        What it is, and what one should know before.
    asks : bool
        Whether the archive itself is asked, and not its public dump.
    """

    title: str = f"Add {CIL}"
    note: str = _COSTS
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Progress):
    """How the libraries are, as far as they have answered."""

    rows: tuple[LibraryRow, ...]
    offers: tuple[Offer, ...]


@dataclass
class LibraryChoice:
    """What the list of libraries shows; tells its listeners when it changes."""

    libraries: Libraries
    rows: tuple[LibraryRow, ...] = ()
    offers: tuple[Offer, ...] = (Offer(),)
    deadline_s: float = 5.0  # for a library to say how it is

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    @property
    def title(self) -> str:
        """How many libraries are searched, in words."""
        chosen, every = sum(row.is_chosen for row in self.rows), len(self.rows)
        if not every:
            return "Libraries"
        if chosen < every:
            return f"{chosen}/{every} libraries"  # short: a panel may be narrow
        return "1 library" if every == 1 else f"{every} libraries"

    def choose(self, library_id: str, *, chosen: bool) -> bool:
        """Search a library or leave it out; say whether that changed anything.

        The last one cannot be left out: there would be nothing to search.
        """
        rows = tuple(
            replace(row, is_chosen=chosen) if row.id == library_id else row
            for row in self.rows
        )
        if rows == self.rows or not any(row.is_chosen for row in rows):
            return False
        self.libraries.choose(library_id, chosen=chosen)
        self.rows = rows
        return True

    def look_job(self) -> Job[Looked]:
        """Return the job that asks every library how many images it has."""
        return _look(self.libraries, self.deadline_s)

    def take_progress(self, step: Progress) -> None:
        """Show how the libraries are, as far as it is known."""
        if isinstance(step, Looked):
            # What was chosen since the libraries were asked is what counts.
            chosen = self.libraries.is_chosen
            self.rows = tuple(replace(r, is_chosen=chosen(r.id)) for r in step.rows)
            self.offers = step.offers

    def job_of(self, offer: Offer) -> Job[str]:
        """Return the job that does what was offered.

        It returns what came of it, in words. What was taken in before a stop stays.
        """
        take_in = _update if offer.asks else _add
        return take_in(self.libraries.settings)


def _look(libraries: Libraries, deadline_s: float) -> Job[Looked]:
    yield Progress("Looking for libraries")
    members = libraries.members()
    offers = _offers(libraries.settings, members)
    rows = {member.id: LibraryRow(member.id, member.name) for member in members}
    query = Query(limit=1, facets=False)
    asked = {
        member.ask(lambda library: library.search(query).total): member.id
        for member in members
    }
    until = time.monotonic() + deadline_s
    while asked and time.monotonic() < until:
        yield Looked("Asking the libraries", rows=tuple(rows.values()), offers=offers)
        for future in wait(asked, _TICK_S, FIRST_COMPLETED).done:
            name = asked.pop(future)
            error = future.exception()
            state = _problem(error) if error else _images(future.result())
            rows[name] = replace(rows[name], state=state)
    for name in asked.values():
        rows[name] = replace(rows[name], state="not answering")
    return Looked("Asked", rows=tuple(rows.values()), offers=offers)


def _images(total: int) -> str:
    return count_in_words(total, "image")


def _problem(error: BaseException) -> str:
    return error.what if isinstance(error, CellibError) else "not answering"


def _offers(settings: Settings, members: Iterable[Member]) -> tuple[Offer, ...]:
    from napari_cellib.archives.importing import LIBRARY_ID, REPORT_NAME
    from napari_cellib.archives.updating import read_changes

    if all(member.id != LIBRARY_ID for member in members):
        return (Offer(),)
    folder = settings.libraries_folder / LIBRARY_ID
    if not (folder / REPORT_NAME).exists():
        return (Offer(f"Go on adding {CIL}", _COSTS),)
    left = len(read_changes(folder).waiting)
    waiting = f" {count_in_words(left, 'image')} of the last time to come." * bool(left)
    return (
        Offer(f"Update {CIL}", _UPDATE),
        Offer("Ask the archive what is new", _FOLLOW + waiting, asks=True),
    )


def _add(settings: Settings) -> Job[str]:
    from napari_cellib.archives.importing import TEXT_NAME, import_cil

    report = yield from import_cil(settings)
    return _told(report, settings.libraries_folder / "cil" / TEXT_NAME)


def _update(settings: Settings) -> Job[str]:
    from napari_cellib.archives.updating import UPDATE_STEM, update_cil

    report = yield from update_cil(settings)
    told = _told(report, settings.libraries_folder / "cil" / f"{UPDATE_STEM}.txt")
    if not report.waiting:
        return told
    left = count_in_words(len(report.waiting), "image")
    return f"{told}\n{left} could not be had: {report.trouble}. Ask again later."


def _told(report: ImportReport, where: Path) -> str:
    refused = f", {report.refused_count:,} refused" if report.refused_count else ""
    added = count_in_words(report.added, "image")
    return (
        f"{CIL}: {added} added, {report.changed:,} changed, "
        f"{report.unchanged:,} as they were{refused}.\n"
        f"What became of each value: {where}"
    )
