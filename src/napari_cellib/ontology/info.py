"""What a store says about one term, and about an identifier that has decayed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_cellib.ontology.curies import curie_to_iri

if TYPE_CHECKING:
    from napari_cellib.model import TermField


@dataclass(frozen=True, slots=True)
class TermInfo:
    """A term as its ontology has it now.

    Parameters
    ----------
    curie, label : str
        Identifier and name.
    ontology : str
        Prefix of its ontology.
    obsolete : bool
        Whether the ontology wants it no longer used.
    replaced_by : str or None
        Identifier of the one term to be used instead.
    rank : int
        How likely it is meant before anything is typed; more is likelier.
    uses : int
        How often the Cell Image Library chose it.
    fields : tuple of TermField
        What it may fill; empty for obsolete terms.
    """

    curie: str
    label: str
    ontology: str
    obsolete: bool
    replaced_by: str | None
    rank: int
    uses: int
    fields: tuple[TermField, ...]

    @property
    def iri(self) -> str | None:
        """Address that stands for the term, where it has one."""
        return curie_to_iri(self.curie)


class Status(StrEnum):
    """What has become of an identifier."""

    CURRENT = "current"
    MERGED = "merged"
    REPLACED = "replaced"
    CONSIDER = "consider"
    OBSOLETE = "obsolete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an identifier stands for today.

    Parameters
    ----------
    asked : str
        The identifier, in its usual spelling where it has one.
    status : Status
        What has become of it.
    term : TermInfo or None
        The term to use now; for ``consider`` and ``obsolete``, the obsolete one.
    candidates : tuple of TermInfo
        For ``consider``: terms of which a person may choose.
    """

    asked: str
    status: Status
    term: TermInfo | None = None
    candidates: tuple[TermInfo, ...] = ()
