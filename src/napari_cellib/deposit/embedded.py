"""Take files into a library in a folder.

::

    deposits/<record>~<key>/    what is on its way
        incoming/               files that have not wholly arrived
        objects/<a>/<digest>    those that have, and are what they should be
        tree/                   all of them under their paths
    blobs/<record>/             `tree`, renamed: visible at once or not at all
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import string
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from napari_cellib.deposit.keys import MANIFEST_NAME, metadata_last
from napari_cellib.deposit.manifest import Entry, Manifest
from napari_cellib.deposit.objects import Objects
from napari_cellib.errors import (
    CarrierUnreachable,
    ManifestUnreadable,
    TargetExists,
    TransferUnreadable,
)
from napari_cellib.library.blobs import folder_name
from napari_cellib.library.embedded import BLOBS_NAME
from napari_cellib.library.files import write_file, writing_errors
from napari_cellib.library.marker import is_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from napari_cellib.deposit.carrier import Carrier, Parcel
    from napari_cellib.library import EmbeddedLibrary

    Block: TypeAlias = bytes | memoryview

DEPOSITS_NAME = "deposits"

_KEY = re.compile(r"[A-Za-z0-9-]{1,40}")


def carrier_for(library: EmbeddedLibrary) -> Carrier:
    """Return what takes files to a library."""
    return EmbeddedCarrier(library.folder)


class EmbeddedCarrier:
    """Puts files into the folder of an embedded library.

    Content that the library has already is linked, so it takes no room twice; where
    the drive knows no links it is copied.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the library.
    """

    near = True
    page = 5000
    pack_bytes = 8 << 20
    workers = 2  # a drive is not quicker for more

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = folder / BLOBS_NAME
        self._deposits = str(folder / DEPOSITS_NAME)
        self._objects = Objects(folder, self._blobs)
        self._offered: dict[str, dict[str, Entry]] = {}
        self._unsynced: set[str] = set()  # of these, new files have arrived

    def create(self, record: str, key: str) -> str:
        """Begin to take files in, or go on with it."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of a deposit")
        asset = f"{folder_name(record)}~{key}"
        with self._writing():
            shutil.rmtree(self._place(asset, "incoming"), ignore_errors=True)
            objects = self._place(asset, "objects")
            if any(objects.glob("*/*")):
                self._unsynced.add(asset)  # of a former run
            self._place(asset, "incoming").mkdir(parents=True, exist_ok=True)
            # Few: to remove a folder takes a drive as long as to write many files.
            for digit in string.hexdigits[:16]:
                (objects / digit).mkdir(parents=True, exist_ok=True)
            self._blobs.mkdir(exist_ok=True)
        self._offered[asset] = {}
        return asset

    def want(self, asset: str, page: Sequence[Entry]) -> frozenset[str]:
        """Say which of some files must be sent, by digest."""
        offered = self._offers(asset)
        offered.update((entry.path, entry) for entry in page)
        with self._writing():
            missing = {
                entry.sha256: entry for entry in page if not self._has(asset, entry)
            }
            for entry, file in self._objects.find(missing.values()):
                if self._adopt(file, asset, entry):
                    del missing[entry.sha256]
        return frozenset(missing)

    def send(self, asset: str, pack: Sequence[Parcel]) -> list[str]:
        """Take some files in, and return the digests of what arrived, in order."""
        with self._writing():
            return [self._take(asset, parcel) for parcel in pack]

    def may_have(self, size: int) -> bool:
        """Say whether a file of so many bytes may be there."""
        return self._objects.has_size(size)

    def take(
        self, asset: str, pack: Sequence[Callable[[], Iterator[memoryview]]]
    ) -> list[str]:
        """Take some files in whose digests nobody knows, and return these, in order."""
        with self._writing():
            entries = [self._take_unknown(asset, blocks()) for blocks in pack]
            # What another record has takes no room twice.
            for entry, file in self._objects.find(entries):
                self._share(file, asset, entry)
        return [entry.sha256 for entry in entries]

    def complete(self, asset: str, digest: str, count: int, size: int) -> str:
        """Put all files together under their paths, the metadata last."""
        offered = self._offers(asset).values()
        with self._writing():
            there = Manifest.of(e for e in offered if self._has(asset, e))
            if (there.digest, len(there), there.size) == (digest, count, size):
                self._build(asset, there)
        return there.digest

    def seal(self, asset: str, digest: str) -> str:
        """Make all files visible at once, and return their folder."""
        record = asset.rpartition("~")[0]
        tree, target = self._place(asset, "tree"), self._blobs / record
        with self._writing():
            manifest = _manifest(target)
            if manifest is None or manifest.digest != digest:
                manifest = _manifest(tree)
                if manifest is None or manifest.digest != digest:
                    raise TransferUnreadable(str(tree), "it is not complete")
                _move(tree, target)
                _sync_folder(self._blobs)
            # All of that may be a second time, after a crash.
            self._objects.add(record, manifest)
            self.discard(asset)
        return str(target)

    def discard(self, asset: str) -> None:
        """Forget what is on its way."""
        with self._writing():
            shutil.rmtree(self._place(asset), ignore_errors=True)
        self._offered.pop(asset, None)

    def take_back(self, record: str) -> None:
        """Take away what was sealed for a record that was never added, if anything."""
        target = self._blobs / folder_name(record)
        gone = self._place(f"{folder_name(record)}~gone")
        with self._writing():
            shutil.rmtree(gone, ignore_errors=True)  # of a run that was killed here
            if target.exists():
                gone.parent.mkdir(exist_ok=True)
                target.rename(gone)  # all of it is gone at once
                shutil.rmtree(gone, ignore_errors=True)

    # ------------------------------------------------------------------ within

    def _place(self, asset: str, *names: str) -> Path:
        return self._folder.joinpath(DEPOSITS_NAME, asset, *names)

    def _offers(self, asset: str) -> dict[str, Entry]:
        if asset not in self._offered:
            raise TransferUnreadable(str(self._place(asset)), "it was not begun")
        return self._offered[asset]

    # Of the files, of which there are many, only names: a `Path` takes its time.

    def _object(self, asset: str, sha256: str) -> str:
        return os.path.join(self._deposits, asset, "objects", sha256[0], sha256)

    def _part(self, asset: str) -> str:
        return os.path.join(self._deposits, asset, "incoming", uuid.uuid4().hex)

    def _has(self, asset: str, entry: Entry) -> bool:
        # Only what was found to be right ever got this name.
        try:
            return os.stat(self._object(asset, entry.sha256)).st_size == entry.size
        except FileNotFoundError:
            return False

    def _adopt(self, file: Path, asset: str, entry: Entry) -> bool:
        """Take content from another record; say whether that was possible."""
        with suppress(OSError):
            os.link(file, self._object(asset, entry.sha256))
            return True
        with suppress(OSError), open(file, "rb") as content:
            blocks = iter(lambda: content.read(1 << 20), b"")
            return self._store(asset, entry.sha256, blocks) == entry.sha256
        return False

    def _share(self, file: Path, asset: str, entry: Entry) -> None:
        """Let what has arrived be the file of another record, if the drive can."""
        part = self._part(asset)
        with suppress(OSError):
            os.link(file, part)
            os.replace(part, self._object(asset, entry.sha256))
            os.unlink(part)  # it is left where both were one already

    def _take(self, asset: str, parcel: Parcel) -> str:
        return self._store(asset, parcel.entry.sha256, parcel.blocks())

    def _take_unknown(self, asset: str, blocks: Iterable[Block]) -> Entry:
        size = 0

        def counted() -> Iterator[Block]:
            nonlocal size
            for block in blocks:
                size += len(block)
                yield block

        sha256 = self._store(asset, None, counted())
        return Entry("", size, sha256)

    def _store(
        self, asset: str, sha256: str | None, blocks: Iterable[bytes | memoryview]
    ) -> str:
        """Write an object; it gets its name only if it is what it should be, if known.

        Returns
        -------
        str
            The digest of what was written.
        """
        self._unsynced.add(asset)
        part = self._part(asset)
        found = hashlib.sha256()
        try:
            with open(part, "wb", buffering=0) as file:
                for block in blocks:
                    found.update(block)
                    _write_all(file.fileno(), block)
            digest = found.hexdigest()
            if sha256 in (None, digest):
                os.replace(part, self._object(asset, digest))
            else:
                os.unlink(part)
            return digest
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def _build(self, asset: str, manifest: Manifest) -> None:
        tree = self._place(asset, "tree")
        if _manifest(tree) == manifest:
            return  # it was complete before
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        ordered = sorted(manifest.entries, key=lambda e: metadata_last(e.path))
        last = {entry.sha256: entry.path for entry in ordered}
        folders = {""}
        for entry in ordered:
            folder = entry.path.rpartition("/")[0]
            if folder not in folders:
                (tree / folder).mkdir(parents=True, exist_ok=True)
                folders.add(folder)
            source, target = self._object(asset, entry.sha256), f"{tree}/{entry.path}"
            _link_or_move(source, target, move=last[entry.sha256] == entry.path)
        if asset in self._unsynced:
            _sync(tree)  # the manifest will say that all is there
        write_file(tree / MANIFEST_NAME, manifest.to_json().encode())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say what the system's errors mean for a deposit."""
        where = str(self._folder)
        if not is_library(self._folder):  # never write below an empty mount point
            raise CarrierUnreachable(where, "it is not there")
        try:
            with writing_errors(where):
                yield
        except OSError as error:
            raise CarrierUnreachable(where, error.strerror or str(error)) from error


def _write_all(handle: int, block: Block) -> None:
    left = memoryview(block)
    while left:
        left = left[os.write(handle, left) :]


def _link_or_move(source: str, target: str, *, move: bool) -> None:
    """Give a file a second name, so that a crash never takes the first one away."""
    try:
        os.link(source, target)
    except OSError:  # the drive knows no links, or not so many
        if move:
            os.replace(source, target)
        else:
            shutil.copyfile(source, target)


def _move(tree: Path, target: Path) -> None:
    with suppress(OSError):
        target.rmdir()  # only if it is empty
    if target.exists():
        raise TargetExists(str(target))
    try:
        tree.rename(target)
    except OSError as error:
        if target.exists():  # another deposit was quicker
            raise TargetExists(str(target)) from error
        raise


def _manifest(folder: Path) -> Manifest | None:
    try:
        return Manifest.read(folder)
    except ManifestUnreadable:
        return None


def _sync(folder: Path) -> None:
    """Bring what was written to the drive, as far as the system can."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for file in folder.rglob("*"):
        if file.is_file():
            with open(file, "rb+") as content:
                os.fsync(content.fileno())


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # on Windows, a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
