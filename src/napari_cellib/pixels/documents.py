"""The metadata of one place: each document is asked for once, and many at a time."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.geometry import as_mapping
from napari_cellib.pixels.ngff import parse_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.stores import Answer, Store

CONSOLIDATED = ".zmetadata"
_DESCRIBING = ("zarr.json", ".zattrs", ".zarray", ".zgroup")


class Documents:
    """What is known of a place, and the way to ask for more.

    Parameters
    ----------
    store : Store
        The place.
    known : dict of str to dict, optional
        All its documents, by their path, as a viewing manifest holds them. Then no
        server is asked, and what is not among them is not there. A folder is read
        all the same: that costs nothing, and it may have changed.
    """

    def __init__(
        self, store: Store, known: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.store = store
        if store.folder is not None:
            known = None
        self._answers: dict[str, Answer] = {}
        self._waiting: dict[str, Mapping[str, Any]] = dict(known or {})
        self.is_complete = bool(known)
        self._listed: set[str] = set()

    def ask(
        self, label: str, keys: Iterable[str], *, optional: Iterable[str] = ()
    ) -> Job[dict[str, Answer]]:
        """Return documents; those that are not known yet are read side by side.

        Parameters
        ----------
        label : str
            What to say while waiting.
        keys : iterable of str
            Paths of documents.
        optional : iterable of str
            Those that need not be there: where consolidated metadata list all
            documents, and these are not among them, they are not looked for.

        Returns
        -------
        dict of str to bytes, CellibError or None
            As `Store.read_many` returns it; what was absent once stays absent.
        """
        required, extra = list(dict.fromkeys(keys)), list(dict.fromkeys(optional))
        wanted = required + extra
        for key in wanted:
            if key in self._waiting:
                self._answers[key] = to_json(self._waiting.pop(key))
        unknown = [key for key in wanted if key not in self._answers]
        unknown = [k for k in unknown if k in required or not self._is_listed(k)]
        if unknown and not self.is_complete:
            unknown += self._remembered(unknown)
            self._answers |= yield from self.store.read_many(label, unknown)
        return {key: self._answers.get(key) for key in wanted}

    def _remembered(self, known: list[str]) -> list[str]:
        """Return what will be asked for next, once, to save a way to the server."""
        if self._answers or self._waiting:
            return []
        return [key for key in self.store.remembered() if key not in known]

    def learn(self, path: str, found: Mapping[str, object]) -> None:
        """Keep the consolidated metadata of the group at `path`.

        What was asked for by itself counts more: it may be newer. A folder is read
        file by file: that costs nothing, and programs that change an image, or add
        labels to it, do not always consolidate again.
        """
        if self.store.folder is not None:
            return
        prefix = f"{path}/" if path else ""
        for key, document in found.items():
            if isinstance(document, dict):
                self._waiting.setdefault(f"{prefix}{key}", document)
        self._listed.add(path)

    def learn_from(self, path: str, document: bytes) -> None:
        """Keep what a file ``.zmetadata`` of the group at `path` holds.

        Raises
        ------
        PixelsUnreadable
            When it is damaged.
        """
        where = join(self.store.name, path, CONSOLIDATED)
        found = parse_json(document, where).get("metadata")
        if not isinstance(found, dict):
            raise PixelsUnreadable(where, "it holds no metadata")
        self.learn(path, as_mapping(found))

    def found(self) -> dict[str, dict[str, Any]]:
        """Return all documents that were asked for and are there, by their path."""
        documents = {}
        for key, answer in self._answers.items():
            if (
                not isinstance(answer, bytes)
                or key.rpartition("/")[2] not in _DESCRIBING
            ):
                continue
            with suppress(PixelsUnreadable):  # damaged
                documents[key] = parse_json(answer, key)
                # It would say all the others once more.
                documents[key].pop("consolidated_metadata", None)
        return documents

    def answers(self) -> dict[str, Answer]:
        """Return what came of all documents that were asked for, by their path."""
        return dict(self._answers)

    def _is_listed(self, key: str) -> bool:
        return any(not group or key.startswith(f"{group}/") for group in self._listed)


def join(*parts: str) -> str:
    """Return a path made of parts, of which some may be empty."""
    return "/".join(part for part in parts if part)
