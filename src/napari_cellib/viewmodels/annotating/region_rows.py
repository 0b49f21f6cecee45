"""The lines of the list of regions: each made once, and again when it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.naming import place_in_words, region_title
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.annotating.rows import ENDS, MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Annotation, Region
    from napari_cellib.viewmodels.annotating.ledger import Ledger
    from napari_cellib.viewmodels.annotating.rows import Flag

_PART = 500  # lines between two looks whether to stop


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One line of the list of regions.

    Parameters
    ----------
    title, where, terms : str
        What it is, along which planes it lies, and what is said of it.
    odd : str
        What is wrong with it or with what is said of it; "" where nothing is.
    """

    title: str
    where: str
    terms: str
    odd: str = ""

    @property
    def words(self) -> str:
        """The whole line."""
        parts = (self.title, self.where, self.terms or "no term yet")
        return "! " * bool(self.odd) + " · ".join(filter(None, parts))


class RegionRows:
    """Lines by the ids of their regions.

    Parameters
    ----------
    ledger : Ledger
        What is said.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._flags: Mapping[str, Flag] = {}
        self._rows: dict[str, RegionRow] = {}
        self._texts: dict[str, str] = {}  # of the lines, in small letters

    @property
    def ids(self) -> tuple[str, ...]:
        """The regions that there are, in the order in which they were drawn."""
        return tuple(self._ledger.regions)

    @property
    def there(self) -> Set[str]:
        """The regions that there are, to be compared with others."""
        return self._ledger.regions.keys()

    def __getitem__(self, region: str) -> RegionRow:
        row = self._rows.get(region)
        if row is None:
            found = self._ledger.regions[region]
            row = _row(found, self._ledger.annotations(region), self._flags)
            self._rows[region] = row
            self._texts[region] = row.words.casefold()
        return row

    def find(self, words: str) -> tuple[str, ...]:
        """Return the regions in whose line all words stand, in any case."""
        wanted = words.casefold().split()
        if not wanted:
            return self.ids
        for one in self.ids:
            if one not in self._texts:
                self[one]
        texts = self._texts
        return tuple(
            one for one in self.ids if all(word in texts[one] for word in wanted)
        )

    def forget(self, regions: Iterable[str | None]) -> None:
        """Let lines be made anew: something else is said of these regions."""
        for one in regions:
            if one is not None:
                self._rows.pop(one, None)
                self._texts.pop(one, None)

    def take_flags(self, flags: Mapping[str, Flag]) -> None:
        """Mark what is odd from now on, by the keys of statements."""
        self._flags = flags
        self._rows.clear()  # what is found by words stays the same

    def job(self) -> Job[None]:
        """Return the job that makes all lines, while nobody else sees them yet."""
        for number, one in enumerate(self.ids):
            if number % _PART == 0:
                yield Progress("Listing regions", number, len(self.ids))
            self[one]


def _row(
    region: Region, said: Mapping[str, Annotation], flags: Mapping[str, Flag]
) -> RegionRow:
    """Return the line of a region."""
    terms = ", ".join(
        f"{MARKS[one.qualifier]}{one.term.name}{ENDS[one.qualifier]}"
        for one in said.values()
    )
    odd = ""
    if flags:
        found = map(flags.get, (region.key, *said))
        odd = " ".join(flag.reason for flag in found if flag)
    return RegionRow(region_title(region), place_in_words(region), terms, odd)
