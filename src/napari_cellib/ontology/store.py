"""The terms of all ontologies at hand, to be asked: what it is, what is above it."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from napari_cellib.errors import TermsTooNew, TermsUnreadable, TermUnknown
from napari_cellib.model import TermField
from napari_cellib.ontology import hierarchy
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.ontology.fields import IS_A, PART_OF, field_rules
from napari_cellib.ontology.info import Resolution, Status, TermInfo
from napari_cellib.ontology.reading import Reader
from napari_cellib.ontology.rows import NameRow, OntologyRow, read_ontologies
from napari_cellib.ontology.user_store import read_choice
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import TracebackType

    from napari_cellib.errors import CellibError
    from napari_cellib.model import Term
    from napari_cellib.ontology.hierarchy import Ancestor

HIERARCHY = (IS_A, PART_OF)
_MOST_ROOTS = 1_000

_COLUMNS = "curie, label, ontology, obsolete, replaced_by, rank, uses, fields"


class Terms:
    """All terms of one store; may be used from several threads at once.

    Identifiers may be given in any spelling. Those that are not in the store have
    no names, parents or ancestors.

    Parameters
    ----------
    path : pathlib.Path
        A store that `building.build_store` made.
    """

    def __init__(self, path: Path) -> None:
        self.reader = Reader(path)
        known = {field.value: field for field in TermField}
        # By bit, as this store has them; it may know fields that we don't.
        self._fields = [
            (1 << bit, known[name])
            for bit, name in self.reader.rows("SELECT bit, id FROM field ORDER BY bit")
            if name in known
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file in which the terms are."""
        return self.reader.path

    def close(self) -> None:
        """Let go of the file; nothing can be asked any more."""
        self.reader.close()

    # -- one term

    def term(self, curie: str) -> TermInfo | None:
        """Return the term of exactly this identifier, also when it is obsolete."""
        found = self.infos([normalise_curie(curie) or curie])
        return found[0] if found else None

    def resolve(self, curie: str) -> Resolution:
        """Follow an identifier to the term that is in use today.

        Merged terms come first, then what replaces an obsolete one. What its
        ontology only asks to consider is offered, never taken.
        """
        asked = normalise_curie(curie) or curie
        status, seen = Status.CURRENT, {asked}
        term = self.term(asked)
        if term is None:
            merged = self.reader.row("SELECT curie FROM alt WHERE alt = ?", (asked,))
            if merged is None:
                return Resolution(asked, Status.UNKNOWN)
            status, term = Status.MERGED, self.term(merged[0])
        while term is not None and term.obsolete:
            seen.add(term.curie)
            following = self.resolve_step(term, seen)
            if following is None:
                candidates = self.considered(term.curie)
                status = Status.CONSIDER if candidates else Status.OBSOLETE
                return Resolution(asked, status, term, candidates)
            status = Status.REPLACED if status is Status.CURRENT else status
            term = following
        return Resolution(asked, status if term else Status.UNKNOWN, term)

    def resolve_step(self, term: TermInfo, seen: Collection[str]) -> TermInfo | None:
        """Return what replaces an obsolete term, unless it is among `seen`."""
        if term.replaced_by is None:
            return None
        following = self.term(term.replaced_by)
        if following is None:
            row = self.reader.row(
                "SELECT curie FROM alt WHERE alt = ?", (term.replaced_by,)
            )
            following = self.term(row[0]) if row else None
        return None if following is None or following.curie in seen else following

    def considered(self, curie: str) -> tuple[TermInfo, ...]:
        """Return the live terms that an ontology names as a possible substitute."""
        rows = self.reader.rows("SELECT other FROM consider WHERE curie = ?", (curie,))
        found = self.infos([other for (other,) in rows])
        return tuple(info for info in found if not info.obsolete)

    def label(self, curie: str) -> str | None:
        """Return the name of a term, or None when it is not known."""
        info = self.term(curie)
        return info.label if info else None

    def names(self, curie: str) -> tuple[NameRow, ...]:
        """Return all names of a term, the label first."""
        rows = self.reader.rows(
            "SELECT text, scope FROM name WHERE term = (SELECT id FROM term WHERE"
            " curie = ?) ORDER BY scope != 'label', id",
            (normalise_curie(curie) or curie,),
        )
        return tuple(NameRow(*row) for row in rows)

    def infos(self, curies: Sequence[str]) -> tuple[TermInfo, ...]:
        """Return the terms of these identifiers that are there, in this order."""
        found: dict[str, TermInfo] = {}
        for start in range(0, len(curies), 500):  # SQLite's limit of "?" is 999
            some = curies[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT {_COLUMNS} FROM term WHERE curie IN ({marks})"
            found |= {row[0]: self._info(row) for row in self.reader.rows(query, some)}
        return tuple(found[curie] for curie in curies if curie in found)

    def infos_by_id(self, ids: Sequence[int]) -> dict[int, TermInfo]:
        """Return the terms of the store's own numbers, as its queries give them."""
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, {_COLUMNS} FROM term WHERE id IN ({marks})"
        return {row[0]: self._info(row[1:]) for row in self.reader.rows(query, ids)}

    # -- fields

    def fields_of(self, curie: str) -> tuple[TermField, ...]:
        """Return the fields that a term may fill."""
        info = self.term(curie)
        return info.fields if info else ()

    def is_in(self, curie: str, field: TermField) -> bool:
        """Return whether a term may fill a field."""
        return field in self.fields_of(curie)

    def roots(self, field: TermField) -> tuple[TermInfo, ...]:
        """Return the terms at which a tree of all choices for a field starts.

        Ontologies that are allowed whole give those of their terms that are below
        no other, the most used ones first, and not more than a person can scroll.
        """
        rule = field_rules()[field]
        whole = [one for one in rule.restrictions if not one.classes]
        prefixes = sorted(frozenset().union(*(one.ontologies for one in whole)))
        below_none = hierarchy.tops(self.reader, prefixes, _MOST_ROOTS)
        return self.infos([*rule.roots, *below_none])

    # -- hierarchy

    def parents(self, curie: str) -> tuple[TermInfo, ...]:
        """Return the terms directly above one."""
        return self.infos(hierarchy.parents(self.reader, self._key(curie)))

    def children(self, curie: str) -> tuple[TermInfo, ...]:
        """Return the live terms directly below one, by label."""
        found = self.infos(hierarchy.children(self.reader, self._key(curie)))
        return tuple(sorted(found, key=lambda info: info.label.lower()))

    def ancestors(
        self, curie: str, relations: Collection[str] = HIERARCHY
    ) -> tuple[Ancestor, ...]:
        """Return all terms above one, the nearest first, without itself.

        Parameters
        ----------
        curie : str
            Identifier of a term.
        relations : collection of str
            ``"is_a"``, ``"part_of"`` or both.

        Returns
        -------
        tuple of Ancestor
            Identifier, label and number of steps.
        """
        return hierarchy.ancestors(self.reader, self._key(curie), frozenset(relations))

    def descendants(
        self, curie: str, relations: Collection[str] = HIERARCHY
    ) -> tuple[str, ...]:
        """Return the identifiers of all terms below one, without itself.

        Parameters
        ----------
        curie : str
            Identifier of a term.
        relations : collection of str
            ``"is_a"``, ``"part_of"`` or both.

        Returns
        -------
        tuple of str
            Identifiers, those most used first.
        """
        asked = self._key(curie)
        return hierarchy.descendants(self.reader, asked, frozenset(relations))

    def path_to_root(self, curie: str) -> tuple[TermInfo, ...]:
        """Return a shortest way from a root down to a term, both included."""
        return self.infos(hierarchy.path(self.reader, self._key(curie)))

    def expand(self, term: Term) -> tuple[Ancestor, ...]:
        """Return all under which a record with this term is to be found.

        The term itself comes first, with a distance of 0. A merged or replaced one
        is found under its old identifier and where its successor stands. Free
        text, and a term that is not in the store, is found under itself alone.

        Parameters
        ----------
        term : Term
            As a record has it.

        Returns
        -------
        tuple of Ancestor
            Empty for free text.
        """
        if term.id is None:
            return ()
        resolution = self.resolve(term.id)
        own = hierarchy.Ancestor(resolution.asked, term.name, 0)
        found = {own.curie: own}
        if (current := resolution.term) is not None:
            here = hierarchy.Ancestor(current.curie, current.label, 0)
            for one in (here, *self.ancestors(current.curie)):
                found.setdefault(one.curie, one)
        return tuple(found.values())

    # -- the store

    def versions(self) -> dict[str, OntologyRow]:
        """Return the ontologies, by prefix, with release and licence."""
        return {row.prefix: row for row in read_ontologies(self.reader.rows)}

    def facts(self) -> dict[str, str]:
        """Return what the store says of itself: its format, and when it was built."""
        return dict(self.reader.rows("SELECT key, value FROM meta"))

    @property
    def built(self) -> str:
        """When the store was built, ISO 8601."""
        return self.facts().get("built", "")

    def counts(self, *, obsolete: bool = False) -> dict[str, int]:
        """Return the number of live or of `obsolete` terms of each ontology."""
        query = "SELECT ontology, count(*) FROM term WHERE obsolete = ? GROUP BY 1"
        return dict(self.reader.rows(query, (int(obsolete),)))

    def require(self, curie: str) -> TermInfo:
        """Return the term of this identifier.

        Raises
        ------
        TermUnknown
            When there is none.
        """
        info = self.resolve(curie).term
        if info is None:
            raise TermUnknown(curie)
        return info

    def _key(self, curie: str) -> str:
        curie = normalise_curie(curie) or curie
        merged = self.reader.row("SELECT curie FROM alt WHERE alt = ?", (curie,))
        return str(merged[0]) if merged else curie

    def _info(self, row: Sequence[Any]) -> TermInfo:
        fields = tuple(field for bit, field in self._fields if row[7] & bit)
        curie, label, ontology, obsolete, replaced_by, rank, uses, _ = row
        return TermInfo(
            curie, label, ontology, bool(obsolete), replaced_by, rank, uses, fields
        )


def embedded_path() -> Path:
    """Return the store that comes with the program."""
    return Path(str(resources.files(__package__) / "data" / "terms.sqlite"))


def is_outdated(terms: Terms) -> bool:
    """Return whether the program came with newer terms than these, which are others.

    They stay in use: an update may have brought the whole of an ontology of which the
    program has a part. The next update takes from the program what is newer there.
    """
    return terms.path != embedded_path() and terms.built < _built_with_the_program()


@cache
def _built_with_the_program() -> str:
    with Terms(embedded_path()) as shipped:
        return shipped.built


def open_terms(path: Path | None = None, *, settings: Settings | None = None) -> Terms:
    """Open a store of terms.

    Parameters
    ----------
    path : pathlib.Path, optional
        Defaults to the user's own store where an update made one, else to the one
        that comes with the program.
    settings : Settings, optional
        Say where the user's own store is; read from the environment by default.

    Returns
    -------
    Terms
        To be closed, by itself or by ``with``.

    Raises
    ------
    TermsUnreadable
        When the file is none, is damaged or is of an older format.
    TermsTooNew
        When a newer version of this program wrote it.
    """
    if path is not None:
        return Terms(path)
    return open_chosen(settings or Settings.load())[0]


def open_chosen(settings: Settings) -> tuple[Terms, tuple[CellibError, ...]]:
    """Open the best store that there is, and say why none better could be.

    An update that went wrong later, or that a newer version of the program made,
    never leaves anybody without terms.
    """
    choice = read_choice(settings.terms_folder)
    problems: list[CellibError] = []
    for path in (choice.current, choice.before):
        if path is not None:
            try:
                return Terms(path), tuple(problems)
            except (TermsUnreadable, TermsTooNew) as error:
                problems.append(error)
    return Terms(embedded_path()), tuple(problems)
