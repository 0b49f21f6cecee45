"""What is said of an image or a part of it: by whom, when, and what became of it.

What was once said is never changed. A later statement supersedes it, and both stay;
what holds at present is what `standing` finds. So what two people said apart is
brought together by keeping it all.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt, model_validator

from napari_cellib.model._base import Model, Text
from napari_cellib.model.contributor import Orcid
from napari_cellib.model.dimensions import Axis
from napari_cellib.model.term import Term, TermField

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_POINTS = 20_000  # of one region; a contour of more is better kept as labels

RegionId = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{16}$", description="stays when the region is moved"),
]
StatementKey = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Qualifier = Literal["present", "absent", "uncertain"]


class Assertion(Model):
    """Who said it, how and when."""

    by: Literal["source", "depositor", "curator", "lookup", "machine"] = "source"
    author: Text | None = Field(default=None, description="name of the person")
    orcid: Orcid | None = None
    software: Text | None = Field(
        default=None, description="name and version of the program that said it"
    )
    at: datetime | None = None
    evidence: Text | None = Field(
        default=None, description="what it rests on, in words"
    )


class Statement(Model):
    """What all that is said has in common."""

    assertion: Assertion = Assertion()
    status: Literal["asserted", "retracted", "rejected"] = Field(
        default="asserted",
        description="retracted: takes away what it supersedes; rejected: was proposed, "
        "and does not hold",
    )
    supersedes: StatementKey | None = Field(
        default=None, description="key of the statement of which this takes the place"
    )

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that stand for exactly this statement."""
        said = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Annotation(Statement):
    """The statement that a term applies, or does not apply, to an image or a region."""

    field: TermField
    term: Term
    qualifier: Qualifier = "present"
    region: RegionId | None = Field(
        default=None, description="of what it is said; the whole image where None"
    )
    source_field: Text | None = Field(
        default=None, description="name of the field in the source's own document"
    )


class RegionShape(StrEnum):
    """What a region is bounded by; the names are those of napari's shapes."""

    POINT = "point"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    LINE = "line"
    PATH = "path"
    POLYGON = "polygon"
    BOX = "box"
    LABEL = "label"


class Extent(Model):
    """How far a region reaches along an axis that its outline does not lie in."""

    axis: Axis
    first: NonNegativeInt
    last: NonNegativeInt = Field(description="the last index that belongs to it")

    @model_validator(mode="after")
    def _is_forward(self) -> Self:
        if self.last < self.first:
            raise ValueError("an extent ends before it begins")
        return self


class Region(Statement):
    """A part of an image, of which something may be said.

    Places are in pixels of the finest level; the middle of the first pixel is 0. A
    region that is moved is said anew, with the same `id`.
    """

    id: RegionId
    shape: RegionShape
    axes: tuple[Axis, ...] = Field(
        default=(), description="of the numbers of a point, slowest axis first"
    )
    points: tuple[tuple[FiniteFloat, ...], ...] = Field(
        default=(),
        max_length=MOST_POINTS,
        description="corners, as napari's layers have them; for a box the lowest and "
        "the highest one",
    )
    value: PositiveInt | None = Field(default=None, description="of a label")
    labels: Text | None = Field(
        default=None, description="name of the segmentation that has the label"
    )
    extents: tuple[Extent, ...] = Field(
        default=(), description="other axes that are not named: it reaches along all"
    )
    name: Text | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.shape is RegionShape.LABEL:
            if self.value is None:
                raise ValueError("a label has a value")
        elif not self.points:
            raise ValueError("a region has at least one point")
        if any(len(point) != len(self.axes) for point in self.points):
            raise ValueError("each point of a region has a number for each axis")
        return self


class Remark(Statement):
    """What a person remarks in plain words."""

    text: Text
    region: RegionId | None = None
    about: StatementKey | None = Field(
        default=None, description="key of the statement that is remarked on"
    )


Said = TypeVar("Said", bound=Statement)


def standing(said: Iterable[Said]) -> tuple[Said, ...]:
    """Return what holds at present, in the order in which it was said.

    Parameters
    ----------
    said : iterable of Statement
        All that was ever said, of one kind.
    """
    everything = tuple(said)
    gone = {one.supersedes for one in everything if one.supersedes}
    return tuple(
        one
        for one in everything
        if one.status == "asserted" and not (gone and one.key in gone)
    )


class Statements(Model):
    """All that was ever said of one image."""

    annotations: tuple[Annotation, ...] = ()
    regions: tuple[Region, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @classmethod
    def of(cls, said: Iterable[Statement]) -> Statements:
        """Return statements by their kinds; each was checked when it was made.

        Parameters
        ----------
        said : iterable of Statement
            Of any kinds, in the order in which they were said.
        """
        kinds: dict[type[Statement], list[Any]] = {}  # by type: many are asked
        for one in said:
            kinds.setdefault(type(one), []).append(one)
        return cls.model_construct(
            annotations=tuple(kinds.get(Annotation, ())),
            regions=tuple(kinds.get(Region, ())),
            remarks=tuple(kinds.get(Remark, ())),
        )

    def __len__(self) -> int:
        return len(self.annotations) + len(self.regions) + len(self.remarks)

    @property
    def all(self) -> tuple[Statement, ...]:
        """Every statement, regions first, as the others speak of them."""
        return (*self.regions, *self.annotations, *self.remarks)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all."""
        return frozenset(one.key for one in self.all)

    @property
    def present(self) -> Statements:
        """What holds now; nothing holds of a region that is gone.

        Where two people moved a region, both places stand until one is superseded.
        """
        regions = standing(self.regions)
        there = {region.id for region in regions} | {None}
        return Statements(
            annotations=tuple(
                one for one in standing(self.annotations) if one.region in there
            ),
            regions=regions,
            remarks=tuple(one for one in standing(self.remarks) if one.region in there),
        )

    def with_all(self, other: Statements) -> Statements:
        """Return what either says; what both say, once."""
        return Statements(
            annotations=_joined(self.annotations, other.annotations),
            regions=_joined(self.regions, other.regions),
            remarks=_joined(self.remarks, other.remarks),
        )

    def without(self, keys: Iterable[str]) -> Statements:
        """Return all but those with these keys."""
        left_out = frozenset(keys)
        return Statements(
            annotations=tuple(a for a in self.annotations if a.key not in left_out),
            regions=tuple(r for r in self.regions if r.key not in left_out),
            remarks=tuple(r for r in self.remarks if r.key not in left_out),
        )


def _joined(some: tuple[Said, ...], others: tuple[Said, ...]) -> tuple[Said, ...]:
    known = {one.key for one in some}
    return (*some, *(one for one in others if one.key not in known))
