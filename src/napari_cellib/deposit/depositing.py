"""Bring a draft into a library: handed in once, then carried on until it is there.

`submit` is quick and reserves the number. `carry_on` does all that is left to do, as
often as it takes: whatever ended it, the next run goes on from what is on the drive.
What is done with an image that is in the library is in `afterwards.py`, and with one
that is not to come there in `giving_up.py`.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from napari_cellib.deposit.afterwards import correct, due, lift, new_version, withdraw
from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.depositions import Deposition, Event, Stage, in_library
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.embedded import carrier_for
from napari_cellib.deposit.giving_up import give_up
from napari_cellib.deposit.holding import held_as
from napari_cellib.deposit.journal import TransferState
from napari_cellib.deposit.registering import register
from napari_cellib.deposit.staging import (
    as_it_is,
    check_sources,
    layers_of,
    needs_writing,
    seen,
    stage,
    to_send,
)
from napari_cellib.deposit.states import Action, take
from napari_cellib.deposit.transfer import Patience, begin, discard, status, transfer
from napari_cellib.errors import (
    DraftIncomplete,
    FileChanged,
    TransferBusy,
    TransferUnreadable,
)
from napari_cellib.library.marker import read_marker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from napari_cellib.deposit.depositions import Depositions
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.journal import TransferStatus
    from napari_cellib.jobs import Job
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord
    from napari_cellib.pixels.layer_sets.planning import LayerData

__all__ = [
    "carry_on",
    "correct",
    "due",
    "give_up",
    "lift",
    "new_version",
    "progress_of",
    "submit",
    "withdraw",
]


def submit(
    depositions: Depositions,
    draft: Draft,
    library: EmbeddedLibrary,
    *,
    layers_named: Sequence[str] = (),
    hold_until: date | None = None,
) -> Deposition:
    """Hand a draft in: from now on it has a number, and is carried on until it is done.

    Nothing is written to the library yet but that the number is taken.

    Parameters
    ----------
    depositions : Depositions
        Where the deposition is kept; the draft leaves the drafts beside.
    draft : Draft
        What was said of the image, and what is to be deposited. If it was handed in
        before, that deposition is returned.
    library : EmbeddedLibrary
        Where it is to be.
    layers_named : sequence of str
        Names of the layers, where they are not among the sources of the draft.
    hold_until : datetime.date, optional
        Until when nobody else is to see it, where the draft does not say it.

    Raises
    ------
    DraftIncomplete
        When the draft has errors; it names how many, and the first.
    DepositRefused
        When what is chosen cannot become one image.
    StepRefused
        When the library does not let it be published.
    LibraryReadOnly, StorageFull
        When it cannot be written.
    """
    if draft.id in depositions:
        depositions.drafts.delete(draft.id)
        return depositions.open(draft.id)
    draft = _completed(draft, layers_named, hold_until)
    room = shutil.disk_usage(library.folder).free
    problems = check_draft(draft, held_as=held_as(library), room_bytes=room)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        title = draft.title or "The draft"
        raise DraftIncomplete(title, len(errors), str(errors[0]))
    check_sources(draft)
    with depositions.handing_in():
        if draft.id in depositions:  # another program was quicker
            return depositions.open(draft.id)
        return _handed_in(depositions, draft, library)


def carry_on(
    depositions: Depositions,
    id: str,
    library: EmbeddedLibrary,
    *,
    layers: Sequence[LayerData] = (),
    only: str | None = None,
    patience: Patience | None = None,
) -> Job[ImageRecord]:
    """Do all that is left to do of a deposition.

    Layers and files become an OME-Zarr; this, or one that is there already, and the
    original files are taken to the library; once they are sealed there, the record is
    added, and can be found. It may be stopped, and called again, at any moment.

    Parameters
    ----------
    depositions : Depositions
        Where it is kept.
    id : str
        Which.
    library : EmbeddedLibrary
        The one that it was handed in for.
    layers : sequence of tuple
        Data, attributes and type of layers, as napari gives them to writers; needed
        until they are written.
    only : str, optional
        Of the files that were not sent, try only this one again.
    patience : Patience, optional
        How long to wait for a library that takes nothing at the moment; for ever
        by default.

    Returns
    -------
    ImageRecord
        As it is in the library.

    Yields
    ------
    Progress
        In planes, then in bytes with speed and time left.

    Raises
    ------
    LayersGone
        When layers must be chosen anew.
    TransferBusy
        When somebody else is at work on it.
    CellibError
        As `staging.stage` and `transfer.transfer` raise it.
    """
    with depositions.locked(id):
        deposition = _found_in(depositions, id, library)
        depositions.drafts.delete(id)  # if it was handed in and killed at once
        if deposition.stage is Stage.DONE:
            _clear_up(depositions, deposition)
            return library.record(deposition.record)
        if deposition.stage is not Stage.REGISTERING:
            if not _is_sealed(depositions, id):
                deposition = yield from _write(depositions, deposition, library, layers)
                _begin(depositions, deposition)
            journal, carrier = depositions.journal(id), carrier_for(library)
            yield from transfer(
                journal,
                carrier,
                only=only,
                patience=patience or Patience(),
                check=partial(_check_same, deposition),
            )
            deposition = _at(depositions, deposition, Stage.REGISTERING)
        return (yield from _register(depositions, deposition, library))


def progress_of(depositions: Depositions, id: str) -> TransferStatus | None:
    """Return how far the transfer is of a deposition that nobody is at work on.

    None before it has begun, and once all is done.

    Raises
    ------
    TransferBusy
        When somebody is at work on it.
    TransferUnreadable
        When the journal is damaged; `carry_on` begins it anew.
    """
    journal = depositions.journal(id)
    return status(journal) if journal.exists() else None


# ------------------------------------------------------------------------------ within


def _handed_in(
    depositions: Depositions, draft: Draft, library: EmbeddedLibrary
) -> Deposition:
    """Take a number, and note that the draft is to come under it."""
    by = next(p.orcid or p.name for p in draft.contributors if p.name)
    record = library.mint_accession()
    event = Event(at=datetime.now(UTC), action=Action.SUBMIT, by=by or "", note=record)
    deposition = Deposition(
        id=draft.id,
        draft=draft,
        library=library.info.id,
        place=str(library.folder),
        library_key=read_marker(library.folder).key,
        record=record,
        history=(event,),
        version_of=draft.version_of,
    )
    take(deposition.case, _aim(draft), deposition.actor)
    depositions.save(deposition)
    depositions.drafts.delete(draft.id)
    return deposition


def _completed(
    draft: Draft, layers_named: Sequence[str], hold_until: date | None
) -> Draft:
    known = layers_of(draft)
    new = tuple(Source(layer=name) for name in layers_named if name not in known)
    if new:
        draft = draft.typed(sources=(*draft.sources, *new))
    if hold_until is not None:
        draft = draft.typed(embargo_until=hold_until.isoformat())
    return draft


def _found_in(
    depositions: Depositions, id: str, library: EmbeddedLibrary
) -> Deposition:
    """Return a deposition, and note where its library is if that was moved."""
    before = depositions.open(id)
    deposition = in_library(before, library)
    if deposition != before:
        depositions.save(deposition)
    return deposition


def _aim(draft: Draft) -> Action:
    return Action.HOLD if draft.embargo_until else Action.PUBLISH_DIRECTLY


def _at(depositions: Depositions, deposition: Deposition, stage: Stage) -> Deposition:
    """Note how far a deposition is."""
    deposition = deposition.model_copy(update={"stage": stage})
    depositions.save(deposition)
    return deposition


def _write(
    depositions: Depositions,
    deposition: Deposition,
    library: EmbeddedLibrary,
    layers: Sequence[LayerData],
) -> Job[Deposition]:
    """Make the OME-Zarr, unless it is there and the files are still the same."""
    own, draft = deposition.id, deposition.draft
    staged = depositions.staged(own)
    now = seen(draft)
    if deposition.seen != now:
        # All was made of other files; of an OME-Zarr, the transfer itself looks.
        if deposition.seen is not None and not layers_of(draft):
            shutil.rmtree(staged, ignore_errors=True)
        deposition = deposition.model_copy(update={"seen": now})
        depositions.save(deposition)
    if needs_writing(draft, staged):
        discard(depositions.journal(own), carrier_for(library))
        yield from stage(draft, staged, layers)
    if deposition.stage is Stage.WRITING:
        deposition = _at(depositions, deposition, Stage.SENDING)
    return deposition


def _check_same(deposition: Deposition) -> None:
    """Refuse originals that are not those of which the OME-Zarr was made."""
    draft = deposition.draft
    if as_it_is(draft) is None and seen(draft) != deposition.seen:
        raise FileChanged(draft.sources[0].name)


def _begin(depositions: Depositions, deposition: Deposition) -> None:
    """Start the journal of the transfer, unless there is one that can be read."""
    journal = depositions.journal(deposition.id)
    if journal.exists():
        try:
            status(journal)
            return
        except TransferUnreadable:  # this was killed when it had just begun
            discard(journal)
    sources = to_send(deposition.draft, depositions.staged(deposition.id))
    folder = as_it_is(deposition.draft)
    former = depositions.former(folder) if folder else None
    if former is not None and former.exists():
        try:
            begin(journal, deposition.record, sources, former=former)
            return
        except (TransferBusy, TransferUnreadable):
            discard(journal)  # then all is hashed again
    begin(journal, deposition.record, sources)


def _is_sealed(depositions: Depositions, id: str) -> bool:
    try:
        found = progress_of(depositions, id)
    except TransferUnreadable:
        return False
    return found is not None and found.state is TransferState.SEALED


def _register(
    depositions: Depositions, deposition: Deposition, library: EmbeddedLibrary
) -> Job[ImageRecord]:
    """Add the record of what is sealed, and clear up."""
    action = _aim(deposition.draft)
    state = take(deposition.case, action, deposition.actor)
    done = deposition.after(action, state)
    record, digest = yield from register(done, library)
    done = done.model_copy(update={"stage": Stage.DONE, "digest": digest})
    depositions.save(done)
    _clear_up(depositions, done)
    return record


def _clear_up(depositions: Depositions, done: Deposition) -> None:
    """Take away what is no longer needed of a deposition that is done."""
    shutil.rmtree(depositions.staged(done.id), ignore_errors=True)
    journal, folder = depositions.journal(done.id), as_it_is(done.draft)
    if folder and journal.exists():
        former = depositions.former(folder)
        former.parent.mkdir(exist_ok=True)
        os.replace(journal, former)
    discard(journal)
