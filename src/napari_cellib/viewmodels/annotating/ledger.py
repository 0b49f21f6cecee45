"""What was said of one subject, kept so that what holds of a part is found at once.

`Statements.present` looks at everything anew. With ten thousand regions that is too
long for a thread that draws, so the panel keeps what it asks for up to date.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from napari_cellib.model.statement import Annotation, Region, Remark, Statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.model.statement import Statement


class Ledger:
    """Holds statements by what they are about.

    Parameters
    ----------
    statements : Statements, optional
        What was said so far.
    """

    def __init__(self, statements: Statements | None = None) -> None:
        self._said: dict[str, Statement] = {}
        self._superseded: Counter[str] = Counter()
        self._annotations: dict[str | None, dict[str, Annotation]] = defaultdict(dict)
        self._remarks: dict[str | None, dict[str, Remark]] = defaultdict(dict)
        self._regions: dict[str, dict[str, Region]] = defaultdict(dict)
        if statements is not None:
            self.add(*statements.all)

    def __len__(self) -> int:
        return len(self._said)

    def __contains__(self, key: object) -> bool:
        return key in self._said

    def __getitem__(self, key: str) -> Statement:
        return self._said[key]

    def get(self, key: str) -> Statement | None:
        """Return a statement by its key, or None."""
        return self._said.get(key)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all that was said."""
        return frozenset(self._said)

    def add(self, *statements: Statement) -> tuple[Statement, ...]:
        """Take in what was said; return what was not known."""
        fresh = []
        for one in statements:
            key = one.key
            if key in self._said:
                continue
            fresh.append(one)
            self._said[key] = one
            if one.supersedes:
                self._superseded[one.supersedes] += 1
            if isinstance(one, Annotation):
                self._annotations[one.region][key] = one
            elif isinstance(one, Remark):
                self._remarks[one.region][key] = one
            elif isinstance(one, Region):
                self._regions[one.id][key] = one
        return tuple(fresh)

    def remove(self, *keys: str) -> None:
        """Forget what was said, as if nobody ever had."""
        for key in keys:
            one = self._said.pop(key, None)
            if one is None:
                continue
            if one.supersedes:
                self._superseded[one.supersedes] -= 1
            if isinstance(one, Annotation):
                self._annotations[one.region].pop(key, None)
            elif isinstance(one, Remark):
                self._remarks[one.region].pop(key, None)
            elif isinstance(one, Region):
                self._regions[one.id].pop(key, None)

    # -- what holds

    def region(self, region: str) -> Region | None:
        """Return a region as it is now; None where it is gone."""
        versions = self._regions.get(region, {})
        return next(
            (one for key, one in reversed(versions.items()) if self._holds(key, one)),
            None,
        )

    def regions(self) -> Iterator[Region]:
        """Yield the regions that there are, in the order in which they were drawn."""
        for name in self._regions:
            if (found := self.region(name)) is not None:
                yield found

    def annotations(self, region: str | None = None) -> tuple[Annotation, ...]:
        """Return what holds of a region, or of the whole image."""
        if region is not None and self.region(region) is None:
            return ()
        found = self._annotations.get(region, {})
        return tuple(one for key, one in found.items() if self._holds(key, one))

    def remarks(self, region: str | None = None) -> tuple[Remark, ...]:
        """Return the remarks on a region, or on the whole image."""
        found = self._remarks.get(region, {})
        return tuple(one for key, one in found.items() if self._holds(key, one))

    def rejected(self) -> frozenset[tuple[str, str | None]]:
        """Return what was proposed for the image and refused: fields and terms."""
        found = self._annotations.get(None, {}).items()
        return frozenset(
            (one.field.value, one.term.id)
            for key, one in found
            if one.status == "rejected" and not self._superseded[key]
        )

    def keys_of(self, region: str) -> tuple[str, ...]:
        """Return the keys of all that was said of a region, and of itself."""
        parts = (self._regions, self._annotations, self._remarks)
        return tuple(key for part in parts for key in part.get(region, ()))

    def present(self) -> Statements:
        """Return what holds now."""
        regions = tuple(self.regions())
        places = (None, *(one.id for one in regions))
        # Each of them was checked when it was said.
        return Statements.model_construct(
            regions=regions,
            annotations=tuple(a for one in places for a in self.annotations(one)),
            remarks=tuple(r for one in places for r in self.remarks(one)),
        )

    def everything(self, keys: Iterable[str] | None = None) -> Statements:
        """Return all that was said, or those with some keys."""
        wanted = self._said if keys is None else [k for k in keys if k in self._said]
        found = [self._said[key] for key in wanted]
        return Statements.model_construct(
            annotations=tuple(one for one in found if isinstance(one, Annotation)),
            regions=tuple(one for one in found if isinstance(one, Region)),
            remarks=tuple(one for one in found if isinstance(one, Remark)),
        )

    def _holds(self, key: str, one: Statement) -> bool:
        return one.status == "asserted" and not self._superseded[key]
