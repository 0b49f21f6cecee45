"""Drafts are handed in: one, or many that a table describes, after a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.deposit.own import OWN_NAME
from napari_cellib.errors import CellibError, LibraryNotFound
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.depositions_reading import (
    AS_GUESSED,
    Reading,
    keep_columns,
)
from napari_cellib.viewmodels.depositions_target import own
from napari_cellib.viewmodels.depositions_transfers import Order
from napari_cellib.viewmodels.words import count_in_words, size_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.deposit.depositions import Depositions
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.many import Plan
    from napari_cellib.jobs import Job
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.pixels.layer_sets.planning import LayerData
    from napari_cellib.viewmodels.depositions_target import Target
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a table would deposit, and all that is wrong with it.

    Attributes
    ----------
    table : str
        Name of the file.
    target : Target
        The library for which it was rehearsed.
    plan : Plan
        What is to be done.
    path : pathlib.Path
        The file.
    headings : tuple of str
        Of its columns.
    reading : Reading
        How it was read: what each column was taken for.
    """

    table: str
    target: Target
    plan: Plan
    path: Path
    headings: tuple[str, ...]
    reading: Reading

    @property
    def summary(self) -> str:
        """How many images there are, and how many of them can be deposited."""
        plan = self.plan
        ready = count_in_words(len(plan.drafts), "image")
        size, name = size_in_words(plan.size_bytes), self.target.name
        lines = [f"{ready} of {self.table} can be deposited into {name}, {size}."]
        if plan.done:
            lines.append(f"{len(plan.done):,} were deposited before.")
        if plan.wrong_rows:
            rows = count_in_words(len(plan.wrong_rows), "row")
            lines.append(f"{rows} cannot: mend the table, or leave them out.")
        return " ".join(lines)

    @property
    def button(self) -> str:
        """What the button says that hands them in; empty if there is nothing to do."""
        count = len(self.plan.drafts)
        return f"Deposit {count_in_words(count, 'image')}" if count else ""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What is to be sent from now on, and what was refused."""

    orders: tuple[Order, ...]
    refused: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What a person reads of those that were refused; empty if there are none."""
        if not self.refused:
            return ""
        images = count_in_words(len(self.refused), "image")
        return f"{images} could not be handed in: {self.refused[0]}"


def submit_job(
    libraries: Libraries,
    depositions: Depositions,
    target: Target | None,
    draft: Draft,
    layers: Sequence[LayerData],
) -> Job[HandedIn]:
    """Return the job that hands one draft in.

    Raises
    ------
    DraftIncomplete
        When something is missing, or the library has the same files already; the
        draft stays as it is.
    LibraryNotFound
        When no library was chosen, or it is not there.
    """
    yield Progress("Depositing")
    from napari_cellib.deposit.depositing import submit
    from napari_cellib.deposit.holding import sizes_held, with_digests

    library = library_of(libraries, target)
    draft = yield from with_digests(draft, sizes_held(library))
    named = [str(attributes.get("name", "")) for _, attributes, _ in layers]
    draft = _ordered(draft, named)
    found = submit(depositions, draft, library, layers_named=named)
    return HandedIn((Order(found.id, tuple(layers)),))


def rehearsal_job(
    libraries: Libraries,
    depositions: Depositions,
    target: Target | None,
    table: Path,
    reading: Reading = AS_GUESSED,
) -> Job[Rehearsal]:
    """Return the job that looks what a table would deposit; nothing is begun.

    Parameters
    ----------
    libraries : Libraries
        Where the target is found.
    depositions : Depositions
        What was handed in before: it is not deposited twice.
    target : Target
        Into which library.
    table : pathlib.Path
        As CSV or spreadsheet, in the folder of the images that it names.
    reading : Reading
        What a person says of its columns, which is kept, and of the names of files.

    Raises
    ------
    TableUnreadable
        When it is no table at all (while the job runs, as the others).
    PatternInvalid
        When the pattern of names cannot be understood.
    LibraryNotFound
        When the library is gone.
    """
    yield Progress("Reading the table")
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import filled_by
    from napari_cellib.deposit.many import plan_table
    from napari_cellib.deposit.table import read_table
    from napari_cellib.ontology import open_terms

    library = library_of(libraries, target)
    base = filled_by(depositions.drafts.profile, Draft())
    with open_terms(settings=libraries.settings) as terms:
        found = yield from read_table(
            table,
            said=keep_columns(libraries.settings, reading.columns),
            siblings=reading.pattern or None,
            base=base,
            terms=terms,
        )
    plan = yield from plan_table(found, depositions, library)
    assert target is not None  # else there is no library
    taken = Reading(found.columns.columns, reading.pattern)
    return Rehearsal(table.name, target, plan, table, found.headings, taken)


def hand_in_job(
    libraries: Libraries, depositions: Depositions, rehearsal: Rehearsal
) -> Job[HandedIn]:
    """Return the job that gives each image of a rehearsal its number.

    They are sent afterwards, one after the other. What is wrong with one keeps no
    other back.
    """
    from napari_cellib.deposit.depositing import submit

    library = library_of(libraries, rehearsal.target)
    drafts = rehearsal.plan.drafts
    orders, refused = [], []
    for done, (row, draft) in enumerate(drafts.items()):
        yield Progress("Handing images in", done, len(drafts))
        try:
            orders.append(Order(submit(depositions, draft, library).id))
        except CellibError as error:
            refused.append(f"row {row}, {error}")
    return HandedIn(tuple(orders), tuple(refused))


def _ordered(draft: Draft, names: Sequence[str]) -> Draft:
    """Return a draft whose layers lie upon one another as those of the viewer do."""
    place = {name: number for number, name in enumerate(names)}
    sources = sorted(draft.sources, key=lambda one: place.get(one.layer or "", 0))
    return draft.model_copy(update={"sources": tuple(sources)})


def library_of(libraries: Libraries, target: Target | None) -> EmbeddedLibrary:
    """Return the library that is chosen; waits for a disk, so in a job.

    Raises
    ------
    LibraryNotFound
        When no library was chosen, or it is not there.
    """
    if target is None:
        raise LibraryNotFound(OWN_NAME, fix="Make a library first.")
    library = own(libraries, target.id)
    if library is None:
        raise LibraryNotFound(target.name, fix="Choose another library.")
    return library
