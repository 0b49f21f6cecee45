"""Which terms are in use, of which releases, and from where newer ones would come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.ontology.sources import sources
from napari_cellib.ontology.store import embedded_path, is_outdated, open_chosen

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.settings import Settings


@dataclass(frozen=True, slots=True)
class OntologyState:
    """One ontology in the store that is in use.

    Parameters
    ----------
    prefix, title, version, licence, source : str
        As the store has them.
    terms : int
        Number of live terms.
    complete : bool
        Whether all live terms of the release are there.
    name : str or None
        By which it can be updated; None where no releases are known.
    address : str or None
        From where newer releases come.
    """

    prefix: str
    title: str
    version: str
    licence: str
    source: str
    terms: int
    complete: bool
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class TermsState:
    """The store that is in use.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    own : bool
        Whether an update made it; else it came with the program.
    built : str
        When it was built, ISO 8601.
    ontologies : tuple of OntologyState
        What is in it, the largest first.
    problems : tuple of str
        Why the user's own store could not be used.
    outdated : bool
        Whether the program has come with a newer store since the update.
    """

    path: Path
    own: bool
    built: str
    ontologies: tuple[OntologyState, ...]
    problems: tuple[str, ...] = ()
    outdated: bool = False


def status(settings: Settings) -> TermsState:
    """Return which terms are in use; asks no server.

    Parameters
    ----------
    settings : Settings
        Where the user's terms lie, and where releases come from.

    Returns
    -------
    TermsState
        The store and what is in it.
    """
    terms, problems = open_chosen(settings)
    known = {source.prefix: source for source in sources(settings).values()}
    with terms:
        counts = terms.counts()
        found = [
            OntologyState(
                row.prefix,
                row.title,
                row.version,
                row.licence,
                row.source,
                counts.get(row.prefix, 0),
                row.complete,
                *((at.name, at.address) if (at := known.get(row.prefix)) else ()),
            )
            for row in terms.versions().values()
        ]
        return TermsState(
            terms.path,
            own=terms.path != embedded_path(),
            built=terms.built,
            ontologies=tuple(sorted(found, key=lambda one: -one.terms)),
            problems=tuple(str(problem) for problem in problems),
            outdated=is_outdated(terms),
        )
