"""What a person has said by drawing, moving and removing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.saying import retract
from napari_cellib.model.statement import RegionShape
from napari_cellib.viewmodels.regions.drawn import difference
from napari_cellib.viewmodels.regions.placing import moved_region, new_region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.model.statement import Region
    from napari_cellib.viewmodels.regions.drawn import Row
    from napari_cellib.viewmodels.regions.frame import Corners
    from napari_cellib.viewmodels.regions.table import RegionTable


@dataclass(frozen=True)
class Said:
    """The regions that were said, and which row is which region.

    Parameters
    ----------
    regions : tuple of Region
        New ones, those that were moved, and those that were retracted.
    ids : tuple of str or None
        Of each row; None is a shape that cannot be a region.
    troubles : tuple of str
        What is wrong with the layer, in sentences.
    """

    regions: tuple[Region, ...]
    ids: tuple[str | None, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How what is drawn is to be understood.

    Parameters
    ----------
    table : RegionTable
        The regions that are known.
    speaker : Speaker
        Who draws.
    plane : tuple of int
        Which axes are seen.
    is_box : bool
        Whether a rectangle that is drawn is meant as a box.
    """

    table: RegionTable
    speaker: Speaker
    plane: tuple[int, ...]
    is_box: bool = False

    def said(self, rows: Sequence[Row], placed: Mapping[str, Corners]) -> Said:
        """Return what was said since regions were last drawn.

        Parameters
        ----------
        rows : sequence of Row
            What the layer has, in pixels of the finest level.
        placed : mapping of str to numpy.ndarray
            What was drawn, likewise.
        """
        found = difference(rows, placed)
        ids: list[str | None] = list(found.ids)
        regions: list[Region] = []
        bad = 0
        for number in [*found.new, *found.moved]:
            try:
                region = self._region(rows[number], found.ids[number], placed)
            except ValueError:  # of a plugin: a corner that is no number
                bad += 1
                continue
            ids[number] = region.id
            regions.append(region)
        known = self.table.regions
        gone = [known[one] for one in found.gone if one in known]
        regions += [retract(self.speaker, one) for one in gone]
        return Said(tuple(regions), tuple(ids), _troubles(bad, found.mended))

    def _region(
        self, row: Row, known: str | None, placed: Mapping[str, Corners]
    ) -> Region:
        frame, corners = self.table.frame, row.corners
        old = self.table.regions.get(known) if known else None
        if old is not None:
            return moved_region(self.speaker, old, frame, placed[old.id], corners)
        is_box = self.is_box and row.shape == RegionShape.RECTANGLE
        shape = str(RegionShape.BOX) if is_box else row.shape
        return new_region(self.speaker, frame, shape, corners, plane=self.plane)


def _troubles(bad: int, mended: int) -> tuple[str, ...]:
    troubles = []
    if bad:
        troubles.append("A shape has a corner at no place. It is no region.")
    if mended:
        what = "region was" if mended == 1 else "regions were"
        troubles.append(
            "The table of the layer was changed from outside. "
            f"{mended:,} {what} known again by their place."
        )
    return tuple(troubles)
