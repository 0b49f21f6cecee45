"""What a person did to the regions: the difference to what was drawn before.

The tables of layers are open to everybody: to the person, and to other plugins. So an
id is believed where it is one of ours and stands once, and a region is otherwise known
again by its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.viewmodels.regions.frame import Corners

_SAME_PX = 1e-3


class Row(NamedTuple):
    """A shape or point of a layer: what its table says, and where it is."""

    id: object  # whatever stands in the column, or None where there is no such column
    shape: str
    corners: Corners  # (corners, axes), as the layer has them


@dataclass
class Difference:
    """What is other than before.

    Parameters
    ----------
    ids : list of str or None
        Which region each row is; None is a new one.
    moved : list of int
        Rows that are at another place, or have another outline.
    gone : list of str
        Ids of which nothing is left.
    mended : int
        Rows whose id was lost or wrong, and which were known by their place.
    """

    ids: list[str | None] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    mended: int = 0

    @property
    def new(self) -> list[int]:
        """Return the rows that were not there."""
        return [row for row, own in enumerate(self.ids) if own is None]


def difference(rows: Sequence[Row], placed: Mapping[str, Corners]) -> Difference:
    """Return what a person did since regions were last drawn.

    Parameters
    ----------
    rows : sequence of Row
        What the layer has now.
    placed : mapping of str to numpy.ndarray
        The corners of each region that was drawn, by id.

    Returns
    -------
    Difference
        A copy that was pasted has the id of what it was copied from: it is new, and
        the one that stayed in its place keeps the id.
    """
    found = Difference(ids=[None] * len(rows))
    owner: dict[str, int] = {}
    for number, row in enumerate(rows):
        known = row.id if isinstance(row.id, str) and row.id in placed else None
        if known is None:
            continue
        rival = owner.get(known)
        if rival is None or (
            not is_same(rows[rival].corners, placed[known])
            and is_same(row.corners, placed[known])
        ):
            if rival is not None:
                found.ids[rival] = None
            owner[known] = number
            found.ids[number] = known
    _know_by_place(rows, placed, owner, found)
    for known, number in owner.items():
        if not is_same(rows[number].corners, placed[known]):
            found.moved.append(number)
    found.gone = [known for known in placed if known not in owner]
    return found


def _know_by_place(
    rows: Sequence[Row],
    placed: Mapping[str, Corners],
    owner: dict[str, int],
    found: Difference,
) -> None:
    """Give rows without a valid id that of a missing region at the same place."""
    missing = [known for known in placed if known not in owner]
    for number in found.new:
        for known in missing:
            if is_same(rows[number].corners, placed[known]):
                missing.remove(known)
                owner[known] = number
                found.ids[number] = known
                found.mended += 1
                break


def is_same(some: Corners, others: Corners, within: float = _SAME_PX) -> bool:
    """Tell whether corners are at the same places, as far as so many pixels."""
    return some.shape == others.shape and bool((abs(some - others) <= within).all())
