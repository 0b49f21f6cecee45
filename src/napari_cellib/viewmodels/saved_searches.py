"""Searches that a person has saved: a small file for each, so that none is lost.

Two programs may save at the same time, since neither writes the file of the other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from napari_cellib.library.files import is_partial, write_file
from napari_cellib.model.search_link import is_search_link

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.viewmodels.search import SearchModel

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under the name that a person gave it."""

    name: str
    link: str


class SavedSearches:
    """The saved searches of one user.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are kept; made when the first one is saved.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> tuple[SavedSearch, ...]:
        """Return all of them, by name; a file that is none is passed over."""
        if not self._folder.is_dir():
            return ()
        files = self._folder.glob("*.json")
        found = (_read(path) for path in files if not is_partial(path))
        whole = {one.name: one for one in found if one is not None}
        return tuple(sorted(whole.values(), key=lambda one: one.name.casefold()))

    def link_of(self, text: str) -> str:
        """Return the link of the search of that name, or the words themselves."""
        return next((one.link for one in self.all() if one.name == text), text)

    def save(self, name: str, link: str) -> SavedSearch:
        """Save a search, in place of the one of the same name.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written.
        """
        saved = SavedSearch(_tidy(name) or "A search", link)
        content = json.dumps(asdict(saved), ensure_ascii=False)
        write_file(self._path(saved.name), content.encode(errors="replace"))
        return saved

    def rename(self, old: str, new: str) -> None:
        """Give a search another name; an empty one, or one that is taken, is not."""
        found = {one.name: one for one in self.all()}
        name = _tidy(new)
        if old in found and name and name not in found:
            self.save(name, found[old].link)
            self.remove(old)

    def remove(self, name: str) -> None:
        """Forget a search."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        # Names may hold what no file name can.
        digest = hashlib.sha256(name.encode(errors="replace")).hexdigest()
        return self._folder / f"{digest[:16]}.json"


def name_of(model: SearchModel) -> str:
    """Return a name for the search that a model shows, from its words and filters."""
    parts = [model.query.text, *(chip.words for chip in model.chips)]
    return _tidy(" · ".join(filter(None, parts))) or "All images"


def _tidy(name: str) -> str:
    name = " ".join(name.encode(errors="replace").decode().split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _read(path: Path) -> SavedSearch | None:
    try:
        found = json.loads(path.read_bytes())
        name, link = found["name"], found["link"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if isinstance(name, str) and isinstance(link, str) and is_search_link(link):
        return SavedSearch(_tidy(name), link)
    return None
