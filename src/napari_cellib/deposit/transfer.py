"""Bring files into a library, however often that is interrupted.

`begin` starts a journal, `transfer` is the job that does all that is left to do, as
often as it takes, and `discard` gives it up. To pause is to stop the job.
"""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from napari_cellib.deposit.fixity import find_files, hash_files
from napari_cellib.deposit.journal import Journal, TransferState
from napari_cellib.deposit.manifest import Entry, Manifest
from napari_cellib.deposit.pace import Pace
from napari_cellib.deposit.pool import as_done
from napari_cellib.deposit.sending import Clock, Sending, Woken, send_unhashed
from napari_cellib.errors import (
    CarrierUnreachable,
    CarrierUnsound,
    TransferIncomplete,
    TransferUnreadable,
)
from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from napari_cellib.deposit.carrier import Carrier
    from napari_cellib.deposit.fixity import Found
    from napari_cellib.deposit.journal import TransferStatus
    from napari_cellib.jobs import Job

T = TypeVar("T")
P = ParamSpec("P")

_TRIES = 3  # of a whole that is none
_SLICE_S = 0.2
_SAMPLE = 16  # files, of all; and bytes, as a part of all


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a library that takes nothing at the moment.

    Attributes
    ----------
    first_s : float
        The first wait, in seconds; each is twice as long as the one before.
    longest_s : float
        The longest, in seconds.
    tries : int or None
        After how many failures in a row to give up; None for never.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    tries: int | None = None


def begin(
    journal: Path,
    record: str,
    sources: Mapping[str, Path],
    *,
    former: Path | None = None,
) -> None:
    """Start the journal of a deposit; nothing is read or sent yet.

    Parameters
    ----------
    journal : pathlib.Path
        The file to make; all else about the deposit is found in it.
    record : str
        Id of the record, or of its draft, that the files are for.
    sources : mapping of str to pathlib.Path
        Folders and files, by the path that each gets in the deposit, such as
        ``{"pyramid.ome.zarr": folder, "original/cell.tif": file}``.
    former : pathlib.Path, optional
        Journal of another deposit of the same files: what has not changed since is
        not hashed again.

    Raises
    ------
    FileExistsError
        When there is such a journal already.
    """
    Journal.create(journal, record, sources, former=former).close()


def status(journal: Path) -> TransferStatus:
    """Return how far a deposit is that nobody is working on.

    Raises
    ------
    TransferBusy
        When somebody is.
    TransferUnreadable
        When the journal is missing or damaged; `discard` takes it away.
    """
    with Journal.open(journal) as notes:
        return notes.status()


def transfer(
    journal: Path,
    carrier: Carrier,
    *,
    only: str | None = None,
    patience: Patience = Patience(),
    check: Callable[[], None] | None = None,
) -> Job[str]:
    """Do all that is left to do of a deposit.

    Until all files have arrived, each start takes them as they are by then: what has
    changed is hashed and sent anew.

    Parameters
    ----------
    journal : pathlib.Path
        Made by `begin`.
    carrier : Carrier
        Takes the files to the library.
    only : str, optional
        Of the files that were not sent, try only this one again.
    patience : Patience
        How long to wait for the library.
    check : callable, optional
        Raises an error when the files, as they were hashed, are not to be sent.

    Returns
    -------
    str
        Where the files are.

    Yields
    ------
    Progress
        In bytes, with speed and time left while files are hashed and sent.

    Raises
    ------
    TransferIncomplete
        When some files could not be sent; `status` names them.
    FileChanged, FilesRefused
        When a file cannot be hashed, or none like it can be kept.
    CarrierUnreachable
        When `patience` was at its end.
    CarrierUnsound
        When the library's answers make no sense.
    TransferBusy
        When another program is working on it.
    """
    with Journal.open(journal) as notes:
        return (yield from _Transfer(notes, carrier, patience).run(only, check))


def discard(journal: Path, carrier: Carrier | None = None) -> None:
    """Give a deposit up: forget what was sent, and remove the journal.

    What was sealed stays. The depositor's own files are not touched.

    Parameters
    ----------
    journal : pathlib.Path
        Also one that is damaged.
    carrier : Carrier, optional
        To the library; without it, what was sent stays there.

    Raises
    ------
    TransferBusy
        When another program is working on it.
    CarrierUnreachable
        When the library does not answer; then the journal stays, too.
    """
    with suppress(TransferUnreadable), Journal.open(journal) as notes:
        if carrier is not None and notes.asset is not None:
            carrier.discard(notes.asset)
    for ending in ("", "-wal", "-shm", "-journal"):
        journal.with_name(journal.name + ending).unlink(missing_ok=True)


class _Transfer:
    """One run of a transfer."""

    def __init__(self, notes: Journal, carrier: Carrier, patience: Patience) -> None:
        self._notes = notes
        self._carrier = carrier
        self._patience = patience
        self._failures = 0  # in a row

    def run(self, only: str | None, check: Callable[[], None] | None) -> Job[str]:
        state = self._notes.status()
        if state.state is TransferState.SEALED and state.place is not None:
            return state.place
        self._notes.try_again(only)
        manifest = Manifest.of(self._notes.entries())
        # What was completed stays as it was then, whatever becomes of the files.
        if manifest.digest != state.digest:
            yield from self._persist(self._hash)
            if check is not None:
                check()
            manifest = Manifest.of(self._notes.entries())
        return (yield from self._persist(lambda: self._deliver(manifest)))

    def _hash(self) -> Job[None]:
        notes = self._notes
        found = yield from find_files(notes.sources)
        notes.take_stock({file.key: file for file in found})
        problems = notes.status().problems  # of files that are not to be tried again
        if problems:
            found = [file for file in found if file.key not in problems]
        known = notes.digests()
        todo = [file for file in found if file.key not in known]
        asset = (yield from self._opened(todo)) if todo else None
        known = notes.digests()  # by now also of a sample
        todo = [file for file in found if file.key not in known]
        size = sum(file.size for file in found)
        left = sum(file.size for file in todo)
        if asset is None:
            done, files_done = size - left, len(found) - len(todo)
        else:
            before = notes.status()
            done, files_done = before.size_sent, before.files_sent
        pace = Pace(
            "Hashing" if asset is None else "Sending",
            size,
            len(found),
            done=done,
            files_done=files_done,
        )
        yield pace.progress()
        hashing = (
            hash_files(todo)
            if asset is None
            else send_unhashed(self._carrier, asset, todo)
        )
        for batch in hashing:
            if batch is not None:
                self._failures = 0
                notes.hashed({file.key: digests for file, digests in batch})
                if asset is not None:
                    notes.sent(file.key for file, _ in batch)
                pace.add(sum(file.size for file, _ in batch), len(batch))
            yield pace.progress()
        notes.reached(TransferState.SENDING)

    def _opened(self, todo: list[Found]) -> Job[str | None]:
        """Return the deposit in a library that best gets files before they are hashed.

        None where it is not near, or has most of a sample: it may have all of them.
        """
        if not self._carrier.near:
            return None
        asset = yield from self._create()
        sample = self._large(todo) or _sample(todo)
        for batch in hash_files(sample):
            if batch is not None:
                self._notes.hashed({file.key: digests for file, digests in batch})
            yield Progress("Asking what is there already")
        digests = self._notes.digests()
        entries = [Entry(f.key, f.size, digests[f.key].sha256) for f in sample]
        wanted = yield from _call(
            "Asking what is there already", self._carrier.want, asset, entries
        )
        known = sum(entry.sha256 not in wanted for entry in entries)
        return asset if known <= len(sample) // 2 else None

    def _large(self, files: list[Found]) -> list[Found]:
        """Return the file that most bytes are of, if the library may have it.

        To read it once more is worth it then, and not where it is new for certain.
        """
        largest = max(files, key=lambda file: file.size)
        is_most = 2 * largest.size > sum(file.size for file in files)
        return [largest] if is_most and self._carrier.may_have(largest.size) else []

    def _create(self) -> Job[str]:
        notes = self._notes
        found = notes.status()
        asset = yield from _call(
            "Asking the library", self._carrier.create, found.record, notes.key
        )
        asset = _text(asset, "it gives the deposit no name")
        notes.reached(found.state, asset=asset)
        return asset

    def _persist(self, attempt: Callable[[], Job[T]]) -> Job[T]:
        """Begin anew for as long as it is worth it."""
        while True:
            try:
                return (yield from attempt())
            except Woken:
                self._failures = 0
            except CarrierUnreachable as error:
                self._failures += 1
                if self._failures == self._patience.tries:
                    raise
                yield from self._wait(error)

    def _wait(self, error: CarrierUnreachable) -> Job[None]:
        patience = self._patience
        doubled = patience.first_s * 2 ** min(self._failures - 1, 30)
        # Not all who wait for a library should come back at the same moment.
        seconds = min(doubled, patience.longest_s) * random.uniform(0.75, 1.25)
        end, clock = time.monotonic() + seconds, Clock()
        while (left := end - time.monotonic()) > 0 and not clock.has_jumped():
            yield Progress(f"Waiting. {error.what}")
            time.sleep(min(left, _SLICE_S))

    def _deliver(self, manifest: Manifest) -> Job[str]:
        """Take every step from the first: all of them may be taken twice."""
        notes, carrier = self._notes, self._carrier
        for _ in range(_TRIES):
            asset = yield from self._create()
            wanted = yield from self._want(asset, manifest)
            yield from self._send(asset, manifest, wanted)
            self._check_all_sent()
            digest = yield from _call(
                "Putting the files together", carrier.complete,
                asset, manifest.digest, len(manifest), manifest.size,
            )  # fmt: skip
            if digest == manifest.digest:
                break
        else:
            raise CarrierUnsound("it holds something else than was sent")
        notes.reached(TransferState.COMPLETED, digest=digest)
        place = yield from _call("Finishing", carrier.seal, asset, digest)
        place = _text(place, "it does not say where the files are")
        notes.reached(TransferState.SEALED, place=place)
        return place

    def _want(self, asset: str, manifest: Manifest) -> Job[set[str]]:
        wanted: set[str] = set()
        entries, page = manifest.entries, max(1, self._carrier.page)
        for start in range(0, len(entries), page):
            part = entries[start : start + page]
            answer = yield from _call(
                "Asking what is there already", self._carrier.want, asset, part
            )
            offered = {entry.sha256 for entry in part}
            if not isinstance(answer, (set, frozenset, list, tuple)):
                raise CarrierUnsound("it does not say which files it wants")
            if not all(isinstance(one, str) and one in offered for one in answer):
                raise CarrierUnsound("it asks for what was not offered")
            wanted.update(answer)
        self._notes.not_there(e.path for e in entries if e.sha256 in wanted)
        return wanted

    def _send(self, asset: str, manifest: Manifest, wanted: set[str]) -> Job[None]:
        sending = Sending(self._notes, self._carrier, asset, manifest, wanted)
        for moved in sending.run():
            self._failures = 0 if moved else self._failures
            yield sending.pace.progress()

    def _check_all_sent(self) -> None:
        problems = self._notes.status().problems
        for key, problem in problems.items():
            raise TransferIncomplete(len(problems), key, problem)


def _sample(files: list[Found]) -> list[Found]:
    """Return a few of many files, which are soon read."""
    room = sum(file.size for file in files) // _SAMPLE
    few = []
    for file in files[:: -(-len(files) // _SAMPLE)]:
        room -= file.size
        if room < 0:
            break
        few.append(file)
    return few


def _call(
    label: str, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> Job[T]:
    """Take a step that may last, and report all the while."""
    yield Progress(label)
    for ended in as_done(lambda *_: step(*args, **kwargs), [None], workers=1):
        if ended is not None:
            return ended[1].result()
        yield Progress(label)
    raise AssertionError("unreachable")


def _text(answer: object, problem: str) -> str:
    if not isinstance(answer, str) or not answer:
        raise CarrierUnsound(problem)
    return answer
