"""What was said of one subject, kept so that what holds of a part is found at once.

`Statements.present` looks at everything anew. With ten thousand regions that is too
long for a thread that draws, so the panel keeps what it asks for up to date.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from napari_cellib.model.statement import Annotation, Region, Remark, Statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from napari_cellib.model.statement import Statement


# By their types, not by `isinstance`, which asks pydantic's classes for a microsecond.


def part_of(one: Statement) -> str | None:
    """Return the region that a statement is, or is about; None for the whole image."""
    if type(one) is Region:
        return one.id
    return one.region if type(one) is Annotation or type(one) is Remark else None


def keyed(statements: Iterable[Statement]) -> dict[str, Statement]:
    """Return statements by their keys, which take a moment where there are many."""
    return {one.key: one for one in statements}


class Ledger:
    """Holds statements by what they are about.

    Parameters
    ----------
    said : mapping of str to Statement, optional
        What was said so far, by key.
    """

    def __init__(self, said: Mapping[str, Statement] | None = None) -> None:
        self._said: dict[str, Statement] = {}
        self._superseded: Counter[str] = Counter()
        self._parts: dict[str | None, dict[str, Statement]] = defaultdict(dict)
        self._held: dict[str | None, dict[str, Statement]] = defaultdict(dict)
        self._regions: dict[str, Region] = {}  # those that there are, by id
        self.add(said or {})

    def __len__(self) -> int:
        return len(self._said)

    def __contains__(self, key: object) -> bool:
        return key in self._said

    def __getitem__(self, key: str) -> Statement:
        return self._said[key]

    def get(self, key: str) -> Statement | None:
        """Return a statement by its key, or None."""
        return self._said.get(key)

    def add(self, said: Mapping[str, Statement]) -> dict[str, Statement]:
        """Take in what was said, by key; return what was not known."""
        fresh = {key: one for key, one in said.items() if key not in self._said}
        replaced = []
        for key, one in fresh.items():
            part = part_of(one)
            self._said[key] = self._parts[part][key] = one
            if one.status == "asserted" and not self._superseded.get(key):
                self._held[part][key] = one
            if one.supersedes:
                self._superseded[one.supersedes] += 1
                replaced.append(one.supersedes)
        self._look_what_holds(replaced)
        self._look_for_regions(fresh.values())
        return fresh

    def remove(self, keys: Iterable[str]) -> tuple[Statement, ...]:
        """Forget what was said, as if nobody ever had; return what it was."""
        gone, restored = [], []
        for key in keys:
            one = self._said.pop(key, None)
            if one is None:
                continue
            gone.append(one)
            part = part_of(one)
            del self._parts[part][key]
            self._held[part].pop(key, None)
            if one.supersedes:
                self._superseded[one.supersedes] -= 1
                restored.append(one.supersedes)
        self._look_what_holds(restored)
        self._look_for_regions(gone)
        return tuple(gone)

    # -- what holds

    def region(self, region: str) -> Region | None:
        """Return a region as it is now; None where it is gone."""
        return self._regions.get(region)

    @property
    def regions(self) -> Mapping[str, Region]:
        """The regions that there are, by id, in the order in which they were drawn."""
        return self._regions

    def annotations(self, region: str | None = None) -> dict[str, Annotation]:
        """Return what holds of a region, or of the whole image, by key."""
        found = self.holding(region)
        return {k: one for k, one in found.items() if type(one) is Annotation}

    def remarks(self, region: str | None = None) -> dict[str, Remark]:
        """Return the remarks on a region, or on the whole image, by key."""
        found = self.holding(region)
        return {k: one for k, one in found.items() if type(one) is Remark}

    def holding(self, *regions: str | None) -> dict[str, Statement]:
        """Return all that holds of regions, or of the whole image (None), by key."""
        found: dict[str, Statement] = {}
        for part in self.held(*regions):
            found.update(part)
        return found

    def held(self, *regions: str | None) -> Iterator[Mapping[str, Statement]]:
        """Go through what holds, region by region, without a copy of it."""
        held, there = self._held, self._regions
        for region in regions:
            if region in held and (region is None or region in there):
                yield held[region]

    def present(self) -> Statements:
        """Return what holds of the image and of all its regions."""
        return Statements.of(self.holding(None, *self._regions).values())

    def rejected(self, *regions: str | None) -> frozenset[tuple[str, str | None]]:
        """Return what was proposed for regions and refused: fields and terms.

        Parameters
        ----------
        *regions : str or None
            Their ids; None is the whole image.
        """
        return frozenset(
            (one.field.value, one.term.id)
            for region in regions
            for key, one in self._parts.get(region, {}).items()
            if type(one) is Annotation
            and one.status == "rejected"
            and not self._superseded.get(key)
        )

    # -- all that was ever said

    def keys_of(self, region: str) -> tuple[str, ...]:
        """Return the keys of all that was said of a region, and of itself."""
        return tuple(self._parts.get(region, ()))

    def part(self, region: str | None) -> Statements:
        """Return all that was ever said of a region, or of the whole image."""
        return Statements.of(self._parts.get(region, {}).values())

    def part_with(self, key: str) -> Statements:
        """Return all that was ever said of what a statement is about."""
        found = self._said.get(key)
        return self.part(part_of(found)) if found else Statements()

    def everything(self, keys: Iterable[str] | None = None) -> Statements:
        """Return all that was said, or those with some keys."""
        if keys is None:
            return Statements.of(self._said.values())
        return Statements.of(self._said[key] for key in keys if key in self._said)

    def snapshot(self) -> dict[str, Statement]:
        """Return all that was said by now, by key, for another thread to read."""
        return dict(self._said)

    # -- inside

    def _look_what_holds(self, keys: Iterable[str]) -> None:
        """Find out what holds of the parts that these statements are about."""
        known = (self._said.get(key) for key in keys)
        for part in {part_of(one) for one in known if one is not None}:
            self._held[part] = {
                key: one
                for key, one in self._parts[part].items()
                if one.status == "asserted" and not self._superseded.get(key)
            }

    def _look_for_regions(self, said: Iterable[Statement]) -> None:
        """Find out which regions there are, where something was said of them."""
        for name in dict.fromkeys(one.id for one in said if type(one) is Region):
            held = self._held[name].values()
            there = [one for one in held if type(one) is Region]
            if there:
                self._regions[name] = there[-1]  # at two places: the later one
            else:
                self._regions.pop(name, None)
