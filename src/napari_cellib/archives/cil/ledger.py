"""What became of every value of a document, so that nothing is lost in silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INDEX = re.compile(r"\[\d+\]")


class Fate(StrEnum):
    """What became of a value."""

    MAPPED = "mapped"
    CLEANED = "cleaned"
    KEPT_RAW = "kept_raw"
    REFUSED = "refused"


class Entry(NamedTuple):
    """One value of a document, where it stands, and what became of it."""

    path: str
    value: str | float | bool
    fate: Fate
    reason: str

    @property
    def pattern(self) -> str:
        """The path, alike for all members of a list."""
        return _pattern(self.path)


@lru_cache(maxsize=20_000)  # the same paths come in document after document
def _pattern(path: str) -> str:
    return _INDEX.sub("[]", path)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and the path to it."""

    value: Any
    path: str

    def get(self, key: str) -> Node:
        """Return what stands below `key`; a node of None where nothing does."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(value, f"{self.path}.{key}" if self.path else key)

    def at(self, *keys: str) -> Node:
        """Return what several keys lead to."""
        node = self
        for key in keys:
            node = node.get(key)
        return node

    def each(self) -> Iterator[Node]:
        """Yield the members of a list, or the value itself where it is none."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(value, f"{self.path}[{index}]")
        elif self.value is not None:
            yield self

    def fields(self) -> Iterator[tuple[str, Node]]:
        """Yield the names of an object's values, and the values."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self.get(key)

    def leaves(self) -> Iterator[Node]:
        """Yield all texts, numbers and truth values; nothing for what is empty."""
        waiting = [(self.value, self.path)]
        while waiting:
            value, path = waiting.pop()
            if isinstance(value, dict):
                start = f"{path}." if path else ""
                waiting += [(v, f"{start}{k}") for k, v in reversed(value.items())]
            elif isinstance(value, list):
                last = len(value) - 1
                waiting += [
                    (v, f"{path}[{last - i}]") for i, v in enumerate(reversed(value))
                ]
            elif value is not None and not _is_blank(value):
                yield Node(value, path)

    @property
    def text(self) -> str:
        """The value in words, or nothing where it is neither text nor number."""
        if isinstance(self.value, str):
            return self.value.strip()
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        return ""

    @property
    def number(self) -> float | None:
        """The value as a number above zero, or None; a text may hold it."""
        try:
            number = float(self.text)
        except ValueError:
            return None
        return number if 0 < number < float("inf") else None


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


class Ledger:
    """Notes what became of the values of one document."""

    def __init__(self) -> None:
        self._fates: dict[str, tuple[Fate, str]] = {}

    def mapped(self, node: Node) -> None:
        """Note that a value is in the record, as it was written."""
        self._fates[node.path] = (Fate.MAPPED, "")

    def cleaned(self, node: Node, reason: str) -> None:
        """Note that a value is in the record, written in another way."""
        self._fates[node.path] = (Fate.CLEANED, reason)

    def kept_raw(self, node: Node, reason: str) -> None:
        """Note that a value is only in the raw document, for want of a place."""
        self._fates[node.path] = (Fate.KEPT_RAW, reason)

    def refused(self, node: Node, reason: str) -> None:
        """Note that a value cannot be true or means nothing; it is kept raw."""
        self._fates[node.path] = (Fate.REFUSED, reason)

    def note(self, node: Node, fate: Fate, reason: str) -> None:
        """Note what became of a value."""
        self._fates[node.path] = (fate, reason)

    def knows(self, node: Node) -> bool:
        """Say whether it was noted what became of a value."""
        return node.path in self._fates

    def entries(self, leaves: Iterable[Node]) -> tuple[Entry, ...]:
        """Return what became of each of a document's values, noted or not."""
        unnoted = (Fate.KEPT_RAW, "the record has no place for it")
        return tuple(
            Entry(leaf.path, leaf.value, *self._fates.get(leaf.path, unnoted))
            for leaf in leaves
        )
