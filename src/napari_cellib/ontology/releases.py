"""New releases of ontologies: brought here, proved, and only then put into use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from napari_cellib.downloads import Download, download, forget, make_folder
from napari_cellib.errors import (
    CellibError,
    DownloadFailed,
    StorageFull,
    TermsUnreadable,
)
from napari_cellib.http import shown
from napari_cellib.ontology.building import build_from
from napari_cellib.ontology.drafts import Draft, telling_when_full
from napari_cellib.ontology.merging import Changes, copy_terms, merge_release
from napari_cellib.ontology.obo import fail
from napari_cellib.ontology.release_files import read_release
from napari_cellib.ontology.rows import OntologyRow
from napari_cellib.ontology.sources import choose_sources, sources
from napari_cellib.ontology.statements import execute
from napari_cellib.ontology.store import (
    Terms,
    embedded_path,
    is_outdated,
    open_chosen,
)
from napari_cellib.ontology.user_store import (
    Choice,
    locked,
    next_store,
    read_choice,
    sweep,
    write_choice,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.jobs import Job
    from napari_cellib.ontology.sources import Source
    from napari_cellib.settings import Settings

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of one ontology.

    Parameters
    ----------
    name, title : str
        Of the ontology.
    version : str
        The release that is now in use.
    terms : int
        Its live terms; 0 where nothing was changed.
    changes : Changes or None
        What is different; None when the release was in use already.
    """

    name: str
    title: str
    version: str
    terms: int = 0
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did.

    Parameters
    ----------
    path : pathlib.Path
        The store that is now in use.
    updated : tuple of Updated
        Ontologies of which the newest release is in use.
    failed : tuple of (str, CellibError)
        Ontologies that stay as they were, and why.
    """

    path: Path
    updated: tuple[Updated, ...] = ()
    failed: tuple[tuple[str, CellibError], ...] = ()


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A sound release, and what came of it beside the terms of before."""

    source: Source
    version: str
    facts: Download
    changes: Changes


def update(settings: Settings, names: Iterable[str] = ()) -> Job[UpdateReport]:
    """Bring the user's terms up to the newest releases.

    The terms that are in use stay so until the new ones are proved; what goes wrong
    on the way changes nothing, also when the program is killed. One ontology that
    cannot be had does not keep the others from being updated.

    Parameters
    ----------
    settings : Settings
        Where the user's terms lie, and where releases come from.
    names : iterable of str, optional
        Ontologies, by short name or prefix; those of a usual size by default.

    Yields
    ------
    Progress
        What is being done.

    Returns
    -------
    UpdateReport
        What is different now.

    Raises
    ------
    OntologyUnknown
        When there are no releases of that name.
    DownloadFailed, TermsUnreadable
        When none of the releases could be had, or none is sound.
    TermsBusy
        When another program is updating the same terms.
    StorageFull
        When the drive has no room left.
    """
    wanted = choose_sources(names, settings)
    folder = settings.terms_folder
    make_folder(folder)
    with locked(folder):
        sweep(folder)
        terms, _ = open_chosen(settings)
        try:
            return (yield from _update(wanted, settings, terms))
        finally:
            terms.close()


def _update(
    wanted: list[Source], settings: Settings, terms: Terms
) -> Job[UpdateReport]:
    arrived: list[_Arrived] = []
    updated: list[Updated] = []
    failed: list[tuple[str, CellibError]] = []
    path = next_store(settings.terms_folder)
    with telling_when_full(path), Draft(path.with_name(f"{path.name}.draft")) as draft:
        for source in wanted:
            try:
                came = yield from _bring(source, settings, terms, draft)
            except (DownloadFailed, TermsUnreadable) as error:
                draft.drop(source.prefix)
                failed.append((source.name, error))
                continue
            if came is None:
                row = terms.versions()[source.prefix]
                updated.append(Updated(source.name, row.title, row.version))
            else:
                arrived.append(came)
        if not arrived and not updated:
            raise failed[0][1]
        if not arrived:
            return UpdateReport(terms.path, tuple(updated), tuple(failed))
        updated += yield from _exchange(arrived, settings, terms, draft, path)
    return UpdateReport(path, tuple(updated), tuple(failed))


def _bring(
    source: Source, settings: Settings, terms: Terms, draft: Draft
) -> Job[_Arrived | None]:
    """Return a sound release, or None when it is in use already."""
    if "://" not in source.address:
        path = Path(source.address).expanduser()
        if not path.is_file():
            raise DownloadFailed(
                source.address, "there is no such file", fix="Check the path."
            )
        facts = Download(str(path), path.stat().st_size)
        return (yield from _read(source, path, facts, terms, draft))
    target = settings.terms_folder / f"{source.name}.release"
    used = read_choice(settings.terms_folder).releases.get(source.name)
    facts = yield from download(
        source.address,
        target,
        limit=source.megabytes * _MB,
        timeout_s=settings.timeout_s,
        have=used if source.prefix in terms.versions() else None,
        label=f"Downloading {source.title}",
    )
    if facts.unchanged and not target.exists():
        return None
    try:
        return (yield from _read(source, target, facts, terms, draft))
    except TermsUnreadable as error:
        forget(target)
        raise TermsUnreadable(
            shown(source.address), error.reason, fix=error.fix
        ) from error


def _read(
    source: Source, path: Path, facts: Download, terms: Terms, draft: Draft
) -> Job[_Arrived]:
    name = yield from read_release(path, source.prefix, draft)
    changes = yield from merge_release(draft, source, name, terms.path)
    version = name or facts.modified or ""
    return _Arrived(source, version, replace(facts, unchanged=False), changes)


def _exchange(
    arrived: list[_Arrived],
    settings: Settings,
    terms: Terms,
    draft: Draft,
    path: Path,
) -> Job[list[Updated]]:
    """Build a store with the new releases, prove it, and put it into use."""
    folder = settings.terms_folder
    fresh = {one.source.prefix for one in arrived}
    kept = yield from _kept(terms, settings, fresh)
    ontologies = [_ontology(one) for one in arrived]
    for one in kept:
        ontologies += one.ontologies
        yield from copy_terms(draft, one.path, only=one.prefixes, fresh=fresh)
    try:
        yield from build_from(draft, path, ontologies)
        counts = yield from _prove(path, terms, fresh, kept)
        old = read_choice(folder)
        releases = {one.source.name: one.facts for one in arrived}
        before_that = terms.path if terms.path.parent == folder else None
        write_choice(folder, Choice(path, before_that, {**old.releases, **releases}))
    except OSError as error:
        raise StorageFull(str(folder)) from error
    finally:
        sweep(folder)
    for came in arrived:
        forget(folder / f"{came.source.name}.release")
    return [
        Updated(
            came.source.name,
            came.source.title,
            came.version,
            counts[came.source.prefix],
            came.changes,
        )
        for came in arrived
    ]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A store of which some ontologies go into the new one as they are."""

    path: Path
    prefixes: set[str]
    ontologies: list[OntologyRow]
    counts: dict[str, int]

    @classmethod
    def of(cls, terms: Terms, counts: dict[str, int], fresh: set[str]) -> Self:
        as_it_is = counts.keys() - fresh
        rows = terms.versions()
        return cls(
            terms.path,
            set(counts),
            [row for name, row in rows.items() if name in as_it_is],
            {name: counts[name] for name in as_it_is},
        )


def _counts(terms: Terms) -> Job[dict[str, int]]:
    """Return the number of live terms of each ontology, as a job: it takes seconds."""
    query = "SELECT ontology, sum(NOT obsolete) FROM term GROUP BY 1"
    rows = yield from execute(terms.reader.connection, query, "Counting terms")
    return dict(rows)


def _kept(terms: Terms, settings: Settings, fresh: set[str]) -> Job[list[_Kept]]:
    """Return from which stores the other ontologies are taken.

    The program may have come with newer terms than those in use. What was updated
    here stays then as it is here, and the rest is taken from the program.
    """
    own = yield from _counts(terms)
    if not is_outdated(terms):
        return [_Kept.of(terms, own, fresh)]
    known = sources(settings)
    releases = read_choice(settings.terms_folder).releases
    here = {known[name].prefix for name in releases if name in known} | fresh
    with Terms(embedded_path()) as shipped:
        newer = yield from _counts(shipped)
        newer = {name: count for name, count in newer.items() if name not in here}
        older = {name: count for name, count in own.items() if name not in newer}
        return [_Kept.of(shipped, newer, fresh), _Kept.of(terms, older, fresh)]


def _ontology(one: _Arrived) -> OntologyRow:
    source = one.source
    address = shown(source.address) if "://" in source.address else source.address
    return OntologyRow(
        source.prefix,
        source.title,
        one.version,
        source.licence,
        address,
        complete=True,
    )


def _prove(
    path: Path, before: Terms, fresh: set[str], kept: list[_Kept]
) -> Job[dict[str, int]]:
    """Raise unless a new store answers, and has lost nothing that it should have.

    Returns the number of live terms of each ontology.
    """
    with Terms(path) as after:
        connection, check = after.reader.connection, "PRAGMA quick_check(1)"
        [(verdict,)] = yield from execute(connection, check, "Proving the new terms")
        if verdict != "ok":
            fail(path.name, f"it was written wrongly, {verdict}")
        there = yield from _counts(after)
        old = {name: count for one in kept for name, count in one.counts.items()}
        lost = [name for name, count in old.items() if there.get(name) != count]
        lost += [name for name in fresh if not there.get(name)]
        if lost:
            fail(path.name, f"terms of {lost[0]} are missing in it")
        for bit, field in after.reader.rows("SELECT bit, id FROM field"):
            mask = 1 << bit
            if _filled(before, mask) and not _filled(after, mask):
                fail(path.name, f"no term is left for the field {field}")
        return there


def _filled(terms: Terms, mask: int) -> bool:
    question = "SELECT 1 FROM term WHERE fields & ? LIMIT 1"
    return terms.reader.row(question, (mask,)) is not None
