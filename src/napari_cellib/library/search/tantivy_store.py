"""Where an index lies: opened, made anew when unusable, remembered by state."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import OrderedDict
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from threading import RLock
from typing import TYPE_CHECKING

import tantivy

from napari_cellib.errors import CellibError
from napari_cellib.library.files import MAKING_NAME, write_file
from napari_cellib.library.search import tantivy_fields as fields
from napari_cellib.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SNAPSHOTS_KEPT = 3
_PATIENCE_S = 5.0  # with another program that makes the same index
_STATE = "state.json"
_UNWRITABLE = re.compile(r"os error (?:13|27|28|30|122)\b|No space|Read-only|denied")


class IndexBroken(Exception):
    """The files of an index make no sense; it has to be built anew."""


class IndexUnwritable(Exception):
    """The folder of an index takes nothing in; it has to go elsewhere."""


class IndexBusy(Exception):
    """Another program, or another thread, is writing the index."""


@dataclass(frozen=True, slots=True)
class State:
    """Which catalogue an index follows, and up to which change."""

    catalogue: str
    change: int = 0
    version: int = fields.INDEX_VERSION


@contextmanager
def index_errors() -> Iterator[None]:
    """Tell apart what tantivy reports by one and the same kind of error."""
    try:
        yield
    except ValueError as error:
        raise _told_apart(error) from error
    except BaseException as error:
        # A panic of the Rust code derives from BaseException and has no home that
        # it could be imported from.
        if type(error).__name__ == "PanicException":
            raise IndexBroken(str(error)) from error
        raise


def _told_apart(error: ValueError) -> Exception:
    text = str(error)
    if "LockBusy" in text:
        return IndexBusy(text)
    if _UNWRITABLE.search(text):
        return IndexUnwritable(text)
    return IndexBroken(text)


@contextmanager
def _making(folder: Path) -> Iterator[None]:
    """Let one program at a time make an index in a folder.

    One that cannot wait for it to the end, or cannot lock a file there, goes on: an
    index that two have made at once is found to be of no use, and made anew.
    """
    try:
        lock = try_lock(folder.with_name(MAKING_NAME), patience_s=_PATIENCE_S)
    except sqlite3.Error:
        lock = None
    with closing(lock) if lock else nullcontext():
        yield


class IndexStore:
    """The files of one index, or an index in memory.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where it is kept; None keeps it in memory.
    catalogue : str
        The uuid of the catalogue that it follows.
    """

    def __init__(self, folder: Path | None, catalogue: str) -> None:
        self.folder = folder
        self._catalogue = catalogue
        self._lock = RLock()
        self._index: tantivy.Index | None = None
        self._memory_state = State(catalogue)
        # The searchers of the last states, so that the pages of one search fit
        # together while somebody adds images.
        self._snapshots: OrderedDict[int, tantivy.Searcher] = OrderedDict()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._snapshots.clear()
            self._index = None

    def state(self) -> State:
        """Return what is committed; of a folder, possibly by another program."""
        if self.folder is None:
            return self._memory_state
        return self.known_state() or State(self._catalogue)

    def known_state(self) -> State | None:
        """Return what the folder says of itself; None if it is of no use."""
        if self.folder is None:
            return self._memory_state
        try:
            state = State(**json.loads((self.folder / _STATE).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        ours = (self._catalogue, fields.INDEX_VERSION)
        if (state.catalogue, state.version) != ours or type(state.change) is not int:
            return None
        if not (self.folder / "meta.json").is_file():
            return None
        return state

    def set_state(self, change: int) -> None:
        """Remember that everything up to `change` is committed."""
        state = State(self._catalogue, change)
        if self.folder is None:
            self._memory_state = state
        else:
            try:
                write_file(self.folder / _STATE, json.dumps(asdict(state)).encode())
            except (CellibError, OSError) as error:
                raise IndexUnwritable(str(error)) from error

    def index(self) -> tantivy.Index:
        """Return the index, making an empty one where there is none of use."""
        with self._lock:
            if self._index is None:
                self._index = self._opened()
            return self._index

    def writer(self, heap_bytes: int, threads: int) -> tantivy.IndexWriter:
        """Return the one writer; it must be let go by ``wait_merging_threads``.

        Each thread has that many bytes.
        """
        with index_errors():
            return self.index().writer(heap_bytes * threads, threads)

    def searcher(self, change: int | None) -> tuple[int, tantivy.Searcher]:
        """Return the state asked for, or the newest if that one is gone."""
        with self._lock, index_errors():
            if change is not None and change in self._snapshots:
                return change, self._snapshots[change]
            newest = self.state().change
            if newest not in self._snapshots:
                index = self.index()
                index.reload()
                self._snapshots[newest] = index.searcher()
                while len(self._snapshots) > _SNAPSHOTS_KEPT:
                    self._snapshots.popitem(last=False)
            return newest, self._snapshots[newest]

    def discard(self) -> None:
        """Forget the index; the next use makes an empty one."""
        with self._lock:
            self.close()
            self._memory_state = State(self._catalogue)
            if self.folder is not None:
                # What another program still reads may resist; it is then found to be
                # unusable again, and the index goes to memory.
                shutil.rmtree(self.folder, ignore_errors=True)

    def move_to_memory(self) -> None:
        """Go on without a folder, from an empty index."""
        with self._lock:
            self.close()
            self.folder = None
            self._memory_state = State(self._catalogue)

    def _opened(self) -> tantivy.Index:
        if self.folder is None:
            return self._configured(tantivy.Index(fields.schema()))
        if self.known_state() is None:
            with _making(self.folder):
                if self.known_state() is None:  # nor has another program made it now
                    return self._made(self.folder)
        return self._configured(self._in(self.folder))

    def _made(self, folder: Path) -> tantivy.Index:
        self.discard()  # none, or that of another version or catalogue
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnwritable(str(error)) from error
        index = self._in(folder)
        self.set_state(0)  # from now on others take it for one of use
        return self._configured(index)

    @staticmethod
    def _in(folder: Path) -> tantivy.Index:
        with index_errors():
            return tantivy.Index(fields.schema(), str(folder))

    @staticmethod
    def _configured(index: tantivy.Index) -> tantivy.Index:
        with suppress(AttributeError):
            index.config_reader("manual")  # no thread that watches the folder
        return index
