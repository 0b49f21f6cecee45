"""New releases of ontologies: brought here, proved, and only then put into use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.downloads import Download, download, forget
from napari_cellib.errors import (
    CellibError,
    DownloadFailed,
    StorageFull,
    TermsUnreadable,
)
from napari_cellib.http import shown
from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.building import build_store
from napari_cellib.ontology.merging import Changes, merge_release
from napari_cellib.ontology.obo import fail
from napari_cellib.ontology.release_files import read_release
from napari_cellib.ontology.rows import OntologyRow, read_ontologies, read_terms
from napari_cellib.ontology.sources import choose_sources
from napari_cellib.ontology.store import Terms, open_chosen
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

    from napari_cellib.ontology.rows import TermRow
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
    rows: list[TermRow]
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
    _make(folder)
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
    for source in wanted:
        try:
            came = yield from _bring(source, settings, terms)
        except (DownloadFailed, TermsUnreadable) as error:
            failed.append((source.name, error))
            continue
        if came is None:
            row = terms.versions()[source.prefix]
            updated.append(Updated(source.name, row.title, row.version))
        else:
            arrived.append(came)
    if not arrived and not updated:
        raise failed[0][1]
    path = terms.path
    if arrived:
        path = yield from _exchange(arrived, settings, terms, updated)
    return UpdateReport(path, tuple(updated), tuple(failed))


def _bring(source: Source, settings: Settings, terms: Terms) -> Job[_Arrived | None]:
    """Return a sound release, or None when it is in use already."""
    if "://" not in source.address:
        path = Path(source.address).expanduser()
        if not path.is_file():
            raise DownloadFailed(
                source.address, "there is no such file", fix="Check the path."
            )
        facts = Download(str(path), path.stat().st_size)
        return (yield from _read(source, path, facts, terms))
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
        return (yield from _read(source, target, facts, terms))
    except TermsUnreadable as error:
        forget(target)
        raise TermsUnreadable(
            shown(source.address), error.reason, fix=error.fix
        ) from error


def _read(source: Source, path: Path, facts: Download, terms: Terms) -> Job[_Arrived]:
    release = yield from read_release(path, source.prefix)
    yield Progress(f"Comparing {source.title}")
    others = {*terms.counts(), *terms.counts(obsolete=True)} - {source.prefix}
    before = read_terms(terms.reader.connection, leave_out=others)
    rows, changes = merge_release(source, release, before)
    version = release.version or facts.modified or ""
    return _Arrived(source, version, replace(facts, unchanged=False), rows, changes)


def _exchange(
    arrived: list[_Arrived], settings: Settings, terms: Terms, updated: list[Updated]
) -> Job[Path]:
    """Build a store with the new releases, prove it, and put it into use."""
    folder = settings.terms_folder
    connection = terms.reader.connection
    prefixes = {one.source.prefix for one in arrived}
    ontologies = [o for o in read_ontologies(connection) if o.prefix not in prefixes]
    rows: list[TermRow] = []
    for one in arrived:
        rows.extend(one.rows)
        ontologies.append(_ontology(one))
    rows.extend(read_terms(connection, leave_out=prefixes))
    path = next_store(folder)
    try:
        yield from build_store(path, ontologies, rows)
        yield Progress("Proving the new terms")
        counts = _prove(path, terms, prefixes)
        old = read_choice(folder)
        releases = {one.source.name: one.facts for one in arrived}
        before_that = terms.path if terms.path.parent == folder else None
        write_choice(folder, Choice(path, before_that, {**old.releases, **releases}))
    except OSError as error:
        raise StorageFull(str(folder)) from error
    finally:
        sweep(folder)
    for one in arrived:
        name, title = one.source.name, one.source.title
        live = counts[one.source.prefix]
        updated.append(Updated(name, title, one.version, live, one.changes))
        forget(folder / f"{one.source.name}.release")
    return path


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


def _prove(path: Path, before: Terms, prefixes: set[str]) -> dict[str, int]:
    """Raise unless a new store answers, and has lost nothing that it should have.

    Returns the number of live terms of each ontology.
    """
    with Terms(path) as after:
        [(verdict,)] = after.reader.rows("PRAGMA quick_check(1)")
        if verdict != "ok":
            fail(path.name, f"it was written wrongly, {verdict}")
        old, new = before.counts(), after.counts()
        lost = [name for name in old if name not in prefixes and old[name] != new[name]]
        lost += [name for name in prefixes if not new.get(name)]
        if lost:
            fail(path.name, f"terms of {lost[0]} are missing in it")
        for bit, field in after.reader.rows("SELECT bit, id FROM field"):
            mask = 1 << bit
            if _filled(before, mask) and not _filled(after, mask):
                fail(path.name, f"no term is left for the field {field}")
        return new


def _filled(terms: Terms, mask: int) -> bool:
    question = "SELECT 1 FROM term WHERE fields & ? LIMIT 1"
    return terms.reader.row(question, (mask,)) is not None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadFailed(
            str(folder),
            f"it cannot be written, {(error.strerror or str(error)).lower()}",
            fix="Check that the data folder may be written to.",
        ) from error
