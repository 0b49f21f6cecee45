"""What is wrong with metadata, and small questions that are asked of every part."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach of the specification.

    Attributes
    ----------
    where : str
        Path of what is wrong, such as ``"multiscales[0].axes"``.
    what : str
        What is wrong, in words.
    required : bool
        Whether the specification says *must*; else it says *should*.
    """

    where: str
    what: str
    required: bool = True

    def __str__(self) -> str:
        return f"{self.where} {self.what}"


def counting(faults: list[Fault], *, strict: bool) -> list[str]:
    """Return in words what makes metadata invalid.

    Parameters
    ----------
    faults : list of Fault
        All that was found.
    strict : bool
        Whether what is only recommended counts, too.
    """
    return [str(fault) for fault in faults if fault.required or strict]


def as_json(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON types."""
    return {"where": fault.where, "what": fault.what, "required": fault.required}


@dataclass
class Faults:
    """Gathers faults; each method says whether what it looked at can be used."""

    found: list[Fault] = field(default_factory=list)

    def must(self, holds: object, where: str, what: str) -> bool:
        """Note a fault unless what must hold does."""
        if not holds:
            self.found.append(Fault(where, what))
        return bool(holds)

    def should(self, holds: object, where: str, what: str) -> None:
        """Note what should be otherwise."""
        if not holds:
            self.found.append(Fault(where, what, required=False))

    def is_object(self, value: object, where: str) -> bool:
        """Ask for a JSON object."""
        return self.must(isinstance(value, dict), where, "must be an object")

    def items(self, value: object, where: str) -> Iterator[tuple[Any, str]]:
        """Ask for a list that is not empty and names nothing twice; go through it."""
        if not self.must(isinstance(value, list), where, "must be a list"):
            return
        assert isinstance(value, list)
        self.must(value, where, "must not be empty")
        distinct = {json.dumps(item, sort_keys=True) for item in value}
        self.must(len(distinct) == len(value), where, "must not hold the same twice")
        for number, item in enumerate(value):
            yield item, f"{where}[{number}]"

    def objects(
        self, value: object, where: str
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """Ask for a list of objects, and go through it."""
        for item, place in self.items(value, where):
            if self.is_object(item, place):
                yield item, place

    def text(self, holder: dict[str, Any], key: str, where: str) -> str | None:
        """Ask for a text that must be there."""
        value = holder.get(key)
        good = self.must(isinstance(value, str), f"{where}.{key}", "must be a text")
        return value if good else None

    def optional(
        self, holder: dict[str, Any], key: str, kinds: type | tuple[type, ...],
        where: str, what: str,
    ) -> None:  # fmt: skip
        """Ask that a value is of a kind, if it is there at all."""
        if key in holder:
            self.must(isinstance(holder[key], kinds), f"{where}.{key}", what)

    def whole_number(
        self, holder: dict[str, Any], key: str, where: str, *, least: int = 0
    ) -> None:
        """Ask for a whole number of at least so much, if it is there at all."""
        if key in holder:
            good = is_whole(holder[key]) and holder[key] >= least
            what = f"must be a whole number of at least {least}"
            self.must(good, f"{where}.{key}", what)


def is_whole(value: object) -> bool:
    """Say whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Say whether a JSON value is a number."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < math.inf  # also one that is too large for a float
    )
