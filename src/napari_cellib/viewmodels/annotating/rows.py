"""What stands in the lines of the panel: its fields, and a chip for each term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.history import term_key
from napari_cellib.model import TermField
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from napari_cellib.model.statement import Annotation, Qualifier
    from napari_cellib.ontology.info import TermInfo

# What is said first of an image, and what of a part of it.
IMAGE_FIELDS = (
    TermField.ORGANISM,
    TermField.CELL_TYPE,
    TermField.CELLULAR_COMPONENT,
    TermField.BIOLOGICAL_PROCESS,
    TermField.IMAGING_METHOD,
)
REGION_FIELDS = (
    TermField.CELLULAR_COMPONENT,
    TermField.CELL_TYPE,
    TermField.PHENOTYPE,
    TermField.BIOLOGICAL_PROCESS,
)

MARKS: dict[Qualifier, str] = {"present": "", "absent": "not ", "uncertain": ""}
ENDS: dict[Qualifier, str] = {"present": "", "absent": "", "uncertain": " ?"}
QUALIFIER_WORDS: dict[Qualifier, str] = {
    "present": "is there",
    "absent": "is not there",
    "uncertain": "may be there",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """That a term is not what it was, or does not belong where it stands.

    Parameters
    ----------
    reason : str
        In a sentence.
    proposed : tuple of TermInfo
        Terms to use instead.
    """

    reason: str
    proposed: tuple[TermInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """One term that is said of the image or of the regions that are chosen.

    Parameters
    ----------
    keys : tuple of str
        Keys of the statements; several where several regions are chosen.
    name, curie : str
        Of the term; no `curie` for free text.
    qualifier : str
        Whether it is there.
    is_new : bool
        Whether it is not in the library yet.
    note : str
        Of how many regions it is said, where not of all that are chosen.
    flag : Flag, optional
        What is odd about it.
    """

    keys: tuple[str, ...]
    name: str
    curie: str
    qualifier: Qualifier = "present"
    is_new: bool = False
    note: str = ""
    flag: Flag | None = None

    @property
    def words(self) -> str:
        """What it says, in short."""
        return f"{MARKS[self.qualifier]}{self.name}{ENDS[self.qualifier]}"

    @property
    def spoken(self) -> str:
        """What it says, in full."""
        kind = self.curie or "free text"
        parts = [f"{self.name} ({kind}) {QUALIFIER_WORDS[self.qualifier]}."]
        if self.note:
            parts.append(f"Said of {self.note}.")
        if self.is_new:
            parts.append("Not in the library yet.")
        if self.flag is not None:
            parts.append(self.flag.reason)
        return " ".join(parts)


def chips_of(
    said: Mapping[str, Annotation],
    new: Set[str],
    flags: Mapping[str, Flag],
    regions: int,
) -> tuple[Chip, ...]:
    """Return the chips of one field: of one term with one qualifier, one.

    Parameters
    ----------
    said : mapping of str to Annotation
        What holds of the image or of the regions that are chosen, by key.
    new : set of str
        Keys of what is not in the library yet.
    flags : mapping of str to Flag
        What is odd, by key.
    regions : int
        How many regions are chosen; 0 for the whole image.
    """
    found: dict[tuple[str, str], dict[str, str | None]] = {}
    for key, one in said.items():
        term = one.term  # thousands of them: no call for those that have an id
        same = (term.id or term_key(term), one.qualifier)
        keys = found.get(same)
        if keys is None:
            found[same] = {key: one.region}
        else:
            keys[key] = one.region
    chips = []
    for keys in found.values():
        first = said[next(iter(keys))]
        parts = len(set(keys.values()))
        odd = keys.keys() & flags.keys()
        chips.append(
            Chip(
                keys=tuple(keys),
                name=first.term.name,
                curie=first.term.id or "",
                qualifier=first.qualifier,
                is_new=not new.isdisjoint(keys),
                note=f"{parts} of {count_in_words(regions, 'region')}"
                if parts < regions
                else "",
                flag=next((flags[key] for key in keys if key in odd), None)
                if odd
                else None,
            )
        )
    return tuple(chips)
