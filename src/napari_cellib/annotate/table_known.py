"""What a library says of an image already, for the rows of a table about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.model import Annotation
from napari_cellib.model.problem import advice, error
from napari_cellib.model.statement import Region, Remark, Statement
from napari_cellib.ontology import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.model import Problem
    from napari_cellib.model.dimensions import Axis

_CONTRARY = {"present": "absent", "absent": "present"}


@dataclass(frozen=True)
class Known:
    """What the library has of an image.

    Parameters
    ----------
    sizes : mapping of str to int, optional
        Length of each axis, in pixels; None where it is not known.
    by_key : mapping of str to Statement
        All that was ever said.
    standing : frozenset of str
        Keys of what holds.
    contents : frozenset
        What is said and was not superseded, whoever says it.
    successors : frozenset
        What took the place of which key.
    regions : frozenset of str
        Ids of the regions that there are.
    """

    sizes: Mapping[Axis, int] | None
    by_key: Mapping[str, Statement]
    standing: frozenset[str]
    contents: frozenset[Any]
    successors: frozenset[Any]
    regions: frozenset[str]

    @classmethod
    def of(cls, library: CataloguedLibrary, record_id: str) -> Known:
        """Return what a library has of an image."""
        record, said = library.record(record_id), library.statements(record_id)
        by_key = {one.key: one for one in said.all}
        gone = {one.supersedes for one in by_key.values()}
        holds = [o for k, o in by_key.items() if k not in gone]
        return cls(
            sizes=record.dimensions.sizes if record.dimensions else None,
            by_key=by_key,
            standing=frozenset(said.present.keys),
            contents=frozenset(map(content, holds)),
            successors=frozenset(
                (one.supersedes, content(one)) for one in by_key.values()
            ),
            regions=frozenset(region.id for region in said.present.regions),
        )

    def has(self, one: Statement) -> bool:
        """Tell whether this is said already, in the same place of the history."""
        if one.supersedes:
            return (one.supersedes, content(one)) in self.successors
        return content(one) in self.contents

    def refused(self, one: Statement) -> Problem | None:
        """Return why something new cannot be said, beside what was said before."""
        if one.supersedes is None and one.status == "retracted":
            return error(
                "status-alone",
                "status",
                "It takes something away, and does not say what.",
                "Give the key of the statement in the column 'supersedes'.",
            )
        if one.supersedes is not None and (found := self._not_in_place(one)):
            return found
        if isinstance(one, Remark) and one.about and one.about not in self.by_key:
            return error(
                "about-unknown",
                "about",
                "The image has no statement of this key.",
                "Leave the cell empty, or take the key from the table as written.",
            )
        if (
            isinstance(one, Region)
            and one.supersedes is None
            and one.id in self.regions
        ):
            return error(
                "region-there",
                "region",
                "The image has a region of this id or name, at another place.",
                "Choose another name; to move it, change its row of a written table.",
            )
        return None

    def _not_in_place(self, one: Statement) -> Problem | None:
        """Return why something cannot take the place of what it supersedes."""
        old = self.by_key.get(one.supersedes or "")
        if old is None:
            return error(
                "supersedes-unknown",
                "supersedes",
                "The image has no statement of this key.",
                "Leave the cell empty, or take the key from the table as written.",
            )
        if not same_kind(old, one):
            return error(
                "supersedes-another-kind",
                "supersedes",
                "It would take the place of something of another kind.",
                "Give the key of such a statement as it is itself.",
            )
        return self.superseded(old.key)

    def superseded(self, key: str) -> Problem | None:
        """Return that a statement holds no longer, so that it cannot be changed."""
        if key in self.standing:
            return None
        return error(
            "statement-superseded",
            "key",
            "What it changes was changed since the table was written.",
            "Write the table anew, and make the change there.",
        )

    def doubts(self, one: Annotation) -> Iterator[Problem]:
        """Yield what is said of the image and does not agree."""
        against = contrary(one)
        if against is not None and content(against) in self.contents:
            yield contradicted(against, "The library")


def content(one: Statement) -> tuple[Any, ...]:
    """Return what is said, whoever says it."""
    if isinstance(one, Annotation):
        term = one.term.id or fold(one.term.name)
        return (one.status, one.field, term, one.qualifier, one.region)
    if isinstance(one, Region):
        where = (one.shape, one.axes, one.points, one.value, one.labels, one.extents)
        return (one.status, one.id, one.name, *where)
    if isinstance(one, Remark):
        return (one.status, one.text, one.region, one.about)
    return (one.key,)


def contrary(one: Statement) -> Annotation | None:
    """Return what contradicts something that is newly said, if anything does."""
    if not isinstance(one, Annotation) or one.supersedes:
        return None
    qualifier = _CONTRARY.get(one.qualifier)
    return one.model_copy(update={"qualifier": qualifier}) if qualifier else None


def contradicted(against: Annotation, who: str) -> Problem:
    """Return that the contrary of something new is said, and by whom."""
    return advice(
        "term-contradicted",
        "qualifier",
        f"{who} says of {against.term.name} that it is {against.qualifier}.",
        "Both are kept; take one away, so that it is known which holds.",
    )


def same_kind(old: Statement, new: Statement) -> bool:
    """Tell whether both say the same kind of thing; of regions, of the same one."""
    if isinstance(old, Region) and isinstance(new, Region):
        return old.id == new.id
    return type(old) is type(new)
