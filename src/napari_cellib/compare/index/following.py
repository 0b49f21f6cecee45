"""Which images of a library are new, changed or gone since they were described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Job, Progress
from napari_cellib.library.catalogued import CataloguedLibrary
from napari_cellib.library.handles import OpenLibrary
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.model import Query, Sort

if TYPE_CHECKING:
    from napari_cellib.compare.index.file import IndexFile
    from napari_cellib.library import Library

_PAGE = 500


def homes_of(library: OpenLibrary | Library) -> tuple[list[Library], list[str]]:
    """Return the libraries that hold images, and what to say of those that cannot open.

    Raises
    ------
    CellibError
        When none can be opened.
    """
    one = library.library if isinstance(library, OpenLibrary) else library
    if not isinstance(one, SeveralLibraries):
        return [one], []
    homes, notes = [], []
    failed: CellibError | None = None
    for member in one.members:
        try:
            homes.append(member.library())
        except CellibError as error:
            notes.append(f"{member.name} is left out: {error.what}")
            failed = error
    if failed is not None and not homes:
        raise failed
    return homes, notes


def follow(home: Library, file: IndexFile) -> Job[None]:
    """Note in a file what has changed in a library.

    A library with a catalogue tells what is new; of another one all ids are read.
    """
    label = f"Looking what is new in {home.info.name}"
    if not isinstance(home, CataloguedLibrary):
        yield from _compare_all(home, file, label)
        return
    seen, last = file.fact("seen"), home.last_change()
    if seen > last:  # the library is an older copy of itself
        file.clear()
        seen = 0
    while seen < last:
        yield Progress(label, seen, last)
        changed, until = home.changed(seen)
        seen = until if changed else last
        file.follow(changed, seen)


def is_behind(home: Library, file: IndexFile) -> bool:
    """Say whether a library has changed since `follow`, as far as that is cheap."""
    return isinstance(home, CataloguedLibrary) and home.last_change() != file.fact(
        "seen"
    )


def count_of(home: Library) -> int:
    """Return how many images a library shows."""
    return home.search(Query(limit=1, facets=False)).total


def ids_of(home: Library, query: Query) -> frozenset[str]:
    """Return the ids of all images that a search finds."""
    if isinstance(home, CataloguedLibrary):
        return home.ids(query)
    found: set[str] = set()
    page = query.changed(limit=_PAGE, facets=False)
    while True:
        answer = home.search(page)
        found.update(hit.record.id for hit in answer.hits)
        if answer.next is None:
            return frozenset(found)
        page = page.model_copy(update={"cursor": answer.next})


def _compare_all(home: Library, file: IndexFile, label: str) -> Job[None]:
    yield Progress(label)
    there = ids_of(home, Query(sort=Sort.TITLE))
    known = file.images().keys()
    file.follow({record: record in there for record in sorted(known | there)}, 0)
