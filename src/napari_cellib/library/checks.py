"""What can be wrong with a library, and how to mend it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from napari_cellib.errors import LibraryReadOnly, RecordInvalid
from napari_cellib.library.blobs import folder_name
from napari_cellib.library.files import obstacle
from napari_cellib.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.errors import CellibError
    from napari_cellib.library.blobs import Blobs
    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.search.engine import SearchEngine

_LITTLE_SPACE = 1_000_000_000  # bytes; one image may be as large
_ROLES = ("pyramid", "original", "interchange", "segmentation")
_PORTION = 500


def check_library(
    folder: Path,
    catalogue: Catalogue,
    index: SearchEngine,
    blobs: Blobs,
    no_terms: CellibError | None,
) -> list[Problem]:
    """Look at every part of an open library; nothing is changed.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is.
    catalogue : Catalogue
        Its records.
    index : SearchEngine
        Its index.
    blobs : Blobs
        Its files.
    no_terms : CellibError or None
        Why there are no terms of ontologies, if there are none.

    Returns
    -------
    list of Problem
        Errors first.
    """
    damages = list(_check_file(folder / "catalogue.sqlite"))
    problems = [*damages, *_check_folder(folder)]
    if not damages:  # else the catalogue cannot be asked what ought to be there
        problems += [
            *_check_terms(str(folder), catalogue, no_terms),
            *_check_index(str(folder / "index"), index),
            *_check_blobs(catalogue, blobs),
        ]
    return _errors_first(problems)


def check_database(
    where: str,
    catalogue: Catalogue,
    index: SearchEngine,
    blobs: Blobs | None,
    no_terms: CellibError | None,
    *,
    writable: bool,
) -> list[Problem]:
    """Look at an open library in a database; nothing is changed.

    Parameters
    ----------
    where : str
        Its address, as it may be shown.
    catalogue : Catalogue
        Its records.
    index : SearchEngine
        Its index.
    blobs : Blobs or None
        Its files, if the address names a folder of them.
    no_terms : CellibError or None
        Why there are no terms of ontologies, if there are none.
    writable : bool
        Whether this user may add images.

    Returns
    -------
    list of Problem
        Errors first.
    """
    problems = [
        *_check_terms(where, catalogue, no_terms),
        *_check_index(where, index),
    ]
    if not writable:
        problems.append(
            Problem(
                id="library-read-only",
                severity="advice",
                where=where,
                message="You may not write there, so no image can be added.",
                fix="Ask whoever looks after the database, if you are to add images.",
            )
        )
    if blobs is not None and not blobs.folder.is_dir():
        problems.append(
            Problem(
                id="files-missing",
                where=where,
                message=f"The folder of its files is not there: {blobs.folder}.",
                fix="Mount it, or correct '?files=' in the address.",
            )
        )
    elif blobs is not None:
        problems += _check_blobs(catalogue, blobs)
    return _errors_first(problems)


def _errors_first(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.severity != "error")


def _check_folder(folder: Path) -> Iterator[Problem]:
    if obstacle(folder) is LibraryReadOnly:
        yield Problem(
            id="library-read-only",
            severity="advice",
            where=str(folder),
            message="Nothing can be written there, so no image can be added.",
            fix="Copy the library to a folder of your own to change it.",
        )
    free = shutil.disk_usage(folder).free
    if free < _LITTLE_SPACE:
        yield Problem(
            id="library-space",
            severity="advice",
            where=str(folder),
            message=f"Only {free / 1e6:.0f} MB are free there.",
            fix="Free some space before adding images.",
        )


def _check_file(path: Path) -> Iterator[Problem]:
    """Let SQLite look at every page, which takes a while for a large file."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            found += [
                f"{row[0]} without its {row[2]}"
                for row in connection.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.OperationalError:
        return  # in a read-only folder, where it was opened in another way
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    for text in found:
        if text != "ok":
            yield Problem(
                id="catalogue-damaged",
                where=str(path),
                message=f"The catalogue is damaged: {text}.",
                fix="Restore the file from a backup; keep this one.",
            )


def _check_terms(
    where: str, catalogue: Catalogue, no_terms: CellibError | None
) -> Iterator[Problem]:
    if no_terms is not None:
        yield Problem(
            id="terms-missing",
            severity="advice",
            where=where,
            message=f"Searches do not find what lies below a term. {no_terms.what}",
            fix=no_terms.fix,
        )
    elif not catalogue.hierarchy.version():
        yield Problem(
            id="terms-behind",
            severity="advice",
            where=where,
            message="It is not known of all images what lies above their terms.",
            fix="Nothing to do: the next search brings it up to date.",
        )


def _check_index(where: str, index: SearchEngine) -> Iterator[Problem]:
    lag = index.lag()
    if lag == 0:
        return
    behind = "is missing" if lag is None else f"is behind by {lag} changes"
    yield Problem(
        id="index-behind",
        severity="advice",
        where=where,
        message=f"The search index {behind}.",
        fix="Nothing to do: the next search brings it up to date.",
    )


def _check_blobs(catalogue: Catalogue, blobs: Blobs) -> Iterator[Problem]:
    ids = list(catalogue.ids())
    for start in range(0, len(ids), _PORTION):
        for record in catalogue.records(ids[start : start + _PORTION]).values():
            for shown in record.representations:
                if "://" in shown.url or shown.role not in _ROLES:
                    continue
                if not _is_there(blobs, shown.url):
                    yield Problem(
                        id="pixels-missing",
                        where=f"{record.id} ({shown.role})",
                        message=f"There is nothing at {blobs.folder / shown.url}.",
                        fix="Add the image again, or restore it from a backup.",
                    )
    expected = {folder_name(record_id) for record_id in ids}
    for path in blobs.folders():
        if path.name not in expected:
            yield _left_over(path, "belongs to no record")
    for path in blobs.leftovers():
        yield _left_over(path, "was left by a program that stopped")


def _is_there(blobs: Blobs, url: str) -> bool:
    try:
        return blobs.path(url).exists()
    except RecordInvalid:
        return False  # leads out of the library, whatever is there


def _left_over(path: Path, why: str) -> Problem:
    return Problem(
        id="left-over",
        severity="advice",
        where=str(path),
        message=f"It {why}.",
        fix="Delete it to free its space.",
    )
