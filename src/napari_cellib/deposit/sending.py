"""Send the files that a library wants: pixels first, metadata last."""

from __future__ import annotations

import time
from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING

from napari_cellib.deposit.carrier import Parcel
from napari_cellib.deposit.fixity import Digests, batches, read_blocks
from napari_cellib.deposit.keys import is_metadata, metadata_last
from napari_cellib.deposit.pace import Pace
from napari_cellib.deposit.pool import as_done
from napari_cellib.errors import CarrierUnsound, FileChanged, FilesRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from threading import Event

    from napari_cellib.deposit.carrier import Carrier
    from napari_cellib.deposit.fixity import Found
    from napari_cellib.deposit.journal import Journal
    from napari_cellib.deposit.manifest import Entry, Manifest

_TRIES = 3  # of a file that arrives as another one
_MOST_FILES = 256  # in a pack
_ASLEEP_S = 60.0


class Woken(Exception):
    """The clock has jumped: the computer was asleep, and connections are dead."""


class Clock:
    """Sees that the computer was asleep."""

    def __init__(self) -> None:
        self._seen = time.time()

    def has_jumped(self) -> bool:
        """Say whether much time has passed since this was asked last."""
        before, self._seen = self._seen, time.time()
        return abs(self._seen - before) > _ASLEEP_S


class Sending:
    """The files that are still to be sent, once for each content.

    Parameters
    ----------
    notes : Journal
        Is told what has arrived, and what has not.
    carrier : Carrier
        Takes the files.
    asset : str
        What the library calls the deposit.
    manifest : Manifest
        All files.
    wanted : set of str
        Digests of those that it wants.
    """

    def __init__(
        self,
        notes: Journal,
        carrier: Carrier,
        asset: str,
        manifest: Manifest,
        wanted: set[str],
    ) -> None:
        self._notes = notes
        self._carrier = carrier
        self._asset = asset
        self._files = notes.files()
        self._tries: Counter[str] = Counter()
        self._keys: dict[str, list[str]] = {sha256: [] for sha256 in wanted}
        for entry in manifest.entries:
            if entry.sha256 in wanted:
                self._keys[entry.sha256].append(entry.path)
        first = {keys[0] for keys in self._keys.values()}
        entries = (entry for entry in manifest.entries if entry.path in first)
        self._entries = sorted(entries, key=lambda entry: metadata_last(entry.path))
        self.pace = self._new_pace(manifest)

    def _new_pace(self, manifest: Manifest) -> Pace:
        wanted = [entry for entry in manifest.entries if entry.sha256 in self._keys]
        return Pace(
            "Sending",
            manifest.size,
            len(manifest),
            done=manifest.size - sum(entry.size for entry in wanted),
            files_done=len(manifest) - len(wanted),
        )

    def run(self) -> Iterator[bool]:
        """Send all; yield whether something has arrived since the last time.

        Raises
        ------
        Woken
            When the computer was asleep.
        CellibError
            When the library takes nothing more.
        """
        pixels = [entry for entry in self._entries if not is_metadata(entry.path)]
        yield from self._send_packs(pixels)
        yield from self._send_packs(self._entries[len(pixels) :])

    def _send_packs(self, entries: list[Entry]) -> Iterator[bool]:
        packs = deque(self._packs(entries))
        clock = Clock()
        # Whatever failed is back among the packs by then.
        while packs:
            workers = max(1, self._carrier.workers)
            for ended in as_done(self._deliver, _taken(packs), workers=workers):
                if clock.has_jumped():
                    raise Woken
                if ended is not None:
                    packs.extend(self._note(*ended))
                yield ended is not None

    def _packs(self, entries: Iterable[Entry]) -> Iterator[list[Entry]]:
        pack: list[Entry] = []
        size = 0
        for entry in entries:
            if pack and size + entry.size > self._carrier.pack_bytes:
                yield pack
                pack, size = [], 0
            pack.append(entry)
            size += entry.size
            if len(pack) == _MOST_FILES:
                yield pack
                pack, size = [], 0
        if pack:
            yield pack

    def _deliver(self, pack: list[Entry], stop: Event) -> list[str]:
        parcels = [
            Parcel(entry, partial(read_blocks, self._files[entry.path], stop))
            for entry in pack
        ]
        answer: object = self._carrier.send(self._asset, parcels)
        if not isinstance(answer, list | tuple) or len(answer) != len(pack):
            raise CarrierUnsound("it does not say what has arrived")
        return list(answer)

    def _note(
        self, pack: list[Entry], ended: Future[list[str]]
    ) -> Iterator[list[Entry]]:
        """Note what became of a pack; yield what must be sent again."""
        problem: FileChanged | FilesRefused | None = None
        try:
            arrived = ended.result()
        except (FileChanged, FilesRefused) as error:
            arrived, problem = [], error
        if problem is not None and len(pack) > 1:
            yield from ([entry] for entry in pack)  # to find out which it is
            return
        good = []
        for entry, digest in zip(pack, arrived or [""], strict=True):
            if digest == entry.sha256:
                good.append(entry)
            elif (again := self._failed(entry, problem)) is not None:
                yield [again]
        keys = [key for entry in good for key in self._keys[entry.sha256]]
        self._notes.sent(keys)
        self.pace.add(sum(self._files[key].size for key in keys), len(keys))

    def _failed(
        self, entry: Entry, problem: FileChanged | FilesRefused | None
    ) -> Entry | None:
        """Note that a file did not arrive, unless it is to be sent again."""
        self._tries[entry.path] += 1
        if problem is None and self._tries[entry.path] < _TRIES:
            return entry
        self._notes.failed(
            entry.path, problem or CarrierUnsound(f"{entry.path} arrives damaged")
        )
        return None


def send_unhashed(
    carrier: Carrier, asset: str, files: Iterable[Found]
) -> Iterator[list[tuple[Found, Digests]] | None]:
    """Send files to a library that is near; it takes their digests, too.

    Yields
    ------
    list of tuple or None
        Some files with their digests, as they have arrived; None while none have.

    Raises
    ------
    FileChanged, FilesRefused
        As `fixity.hash_files` raises them.
    CellibError
        When the library takes nothing more.
    """

    def work(pack: list[Found], stop: Event) -> list[tuple[Found, Digests]]:
        reading = [partial(read_blocks, file, stop) for file in pack]
        digests = carrier.take(asset, reading)
        return list(zip(pack, map(Digests, digests), strict=True))

    for ended in as_done(work, batches(files), workers=max(1, carrier.workers)):
        yield None if ended is None else ended[1].result()


def _taken(packs: deque[list[Entry]]) -> Iterator[list[Entry]]:
    while packs:
        yield packs.popleft()
