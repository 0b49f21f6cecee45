"""Images like this one: the nearest images of a library, and in what they differ.

Two questions stay apart. *Same set-up*: made alike, and looking alike. *Same
structure*: showing the same, however it was made. Neither is an identification: there
is a nearest image to everything.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.describing.tiles import step_um
from napari_cellib.compare.index.approximate import engine_for
from napari_cellib.compare.index.asking import ask_for, notes_of
from napari_cellib.compare.index.building import (
    IndexReport,
    IndexState,
    index_library,
    index_state,
)
from napari_cellib.compare.index.described import PROJECTED
from napari_cellib.compare.index.descriptors import (
    ByNetwork,
    Classical,
    difference_of,
    family_of,
)
from napari_cellib.compare.index.file import IndexFile, opened
from napari_cellib.compare.index.following import count_of, homes_of, ids_of
from napari_cellib.compare.index.matrix import table_of
from napari_cellib.compare.index.scoring import nearest_images
from napari_cellib.compare.meanings import MEANINGS, meaning_of, meant_by
from napari_cellib.compare.similar_images import (
    Difference,
    Mode,
    SimilarImage,
    SimilarImages,
)
from napari_cellib.errors import (
    ComparisonRefused,
    IndexOutdated,
    QueryInvalid,
    RecordNotFound,
)
from napari_cellib.jobs import Job, Progress
from napari_cellib.model import Address, Query
from napari_cellib.model.search_link import is_search_link, read_link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cellib.compare.index.asking import Asked
    from napari_cellib.compare.index.descriptors import Descriptor
    from napari_cellib.compare.index.matrix import TileTable
    from napari_cellib.compare.index.scoring import Scored
    from napari_cellib.compare.subject import Subject
    from napari_cellib.library import Library, OpenLibrary
    from napari_cellib.settings import Settings

__all__ = [
    "MEANINGS",
    "Difference",
    "IndexReport",
    "IndexState",
    "Mode",
    "SimilarImage",
    "SimilarImages",
    "find_similar",
    "index_library",
    "index_state",
]

_DIFFERENCES = 5
_REASONS = 3  # that are told, of why images are left out


def find_similar(
    library: OpenLibrary | Library,
    subject: Subject,
    settings: Settings,
    *,
    mode: Mode = Mode.SETUP,
    limit: int = 20,
    channel: int | None = None,
    meaning: str | None = None,
    search: str | Query | None = None,
    network: Path | None = None,
    leave_out: str | None = None,
) -> Job[SimilarImages]:
    """Find the images of a library that are nearest to one.

    Only what is described is searched; `index_library` describes what is new.

    Parameters
    ----------
    library : OpenLibrary or Library
        Where to look; all of several.
    subject : Subject
        What to look for: an image, a region or an object.
    settings : Settings
        Say where descriptions are kept.
    mode : Mode, default: Mode.SETUP
        In what images are to be alike.
    limit : int, default: 20
        How many images at most.
    channel : int, optional
        Only this channel of `subject`, from 0; all by default, which count alike.
    meaning : str, optional
        Only channels that show this, as in ``"DNA"`` or ``"actin"``.
    search : str or Query, optional
        Only images that are found by these words, or by the link to a search.
    network : pathlib.Path, optional
        The user's own network in ONNX, for the structure.
    leave_out : str, optional
        Id of the record that must not be found: the image itself.

    Returns
    -------
    SimilarImages
        The nearest, and what must be said of them.

    Yields
    ------
    Progress
        Before each step.

    Raises
    ------
    ComparisonRefused
        When there is nothing to be seen, or no such channel or meaning.
    IndexOutdated
        When the images are described in another way only.
    MissingExtra, ModelUnusable
        When the network cannot be run.
    QueryInvalid
        When the search cannot be understood.
    """
    mode, limit = Mode(mode), max(1, limit)
    by: Descriptor = Classical() if mode is Mode.SETUP else ByNetwork(network)
    wanted, query = _meaning(meaning), _query(search)
    asked = yield from ask_for(subject, by, channel)
    notes = list(notes_of(subject))
    found: list[SimilarImage] = []
    images = tiles = 0
    homes, missing = homes_of(library)
    notes += missing
    for home in homes:
        yield Progress(f"Searching {home.info.name}")
        with opened(home, settings) as file:
            _check(home, file, by.key)
            table = table_of(file, by.key)
            allowed, said = _allowed(home, file, table, wanted, query, leave_out)
            engine, slow = engine_for(table, file, by.key)
            scored = nearest_images(table, engine, asked, 2 * limit, allowed)
            hits = islice(_hits(home, file, table, asked, scored), limit)
            found += hits
            notes += [*_coverage(home, file, by.key), *said, *slow]
            if allowed is None:
                images, tiles = images + table.image_count, tiles + len(table)
            else:
                images += len(np.unique(table.images[allowed]))
                tiles += int(allowed.sum())
    found.sort(key=lambda one: one.distance)
    scaled = bool(asked.tiles["scaled"].all())
    if tiles and not found:
        notes.append(f"None has a pixel size near that of {subject.name}.")
    if scaled and any(one.step_um is None for one in found):
        notes.append(
            "Of images that are listed without a pixel size it is not known: they are "
            "compared at any size."
        )
    return SimilarImages(
        mode=mode,
        described_by=by.key,
        scaled=scaled,
        notes=tuple(dict.fromkeys(notes)),
        images=images,
        tiles=tiles,
        hits=tuple(
            replace(one, rank=rank) for rank, one in enumerate(found[:limit], start=1)
        ),
    )


def _meaning(text: str | None) -> str | None:
    if text is None:
        return None
    meaning = meant_by(text)
    if meaning is None:
        raise ComparisonRefused(
            f"{text!r} is nothing that channels are known to show",
            fix=f"Choose one of: {', '.join(MEANINGS)}.",
        )
    return meaning


def _query(search: str | Query | None) -> Query | None:
    if search is None or isinstance(search, Query):
        return search
    try:
        return read_link(search).query if is_search_link(search) else Query(text=search)
    except ValueError as error:
        raise QueryInvalid(str(error).splitlines()[0]) from error


def _check(home: Library, file: IndexFile, key: str) -> None:
    """Refuse to compare with what is described in another way."""
    known = file.counts(key)
    others = [one for one in known.keys if family_of(one) == family_of(key)]
    if others and not known.described:
        raise IndexOutdated(home.info.name, found=others[0], wanted=key)


def _allowed(
    home: Library,
    file: IndexFile,
    table: TileTable,
    meaning: str | None,
    query: Query | None,
    leave_out: str | None,
) -> tuple[NDArray[np.bool_] | None, list[str]]:
    """Return which tiles may be found, and what must be said of that; None is all."""
    if meaning is None and query is None and leave_out is None:
        return None, []
    allowed, notes = np.ones(len(table), bool), []
    numbers = file.images()
    if query is not None:
        ids = ids_of(home, query)
        some = [number for record, number in numbers.items() if record in ids]
        allowed &= np.isin(table.images, some)
    if leave_out in numbers:
        allowed &= table.images != numbers[leave_out]
    if meaning is not None:
        shown, unknown = _showing(file, meaning)
        pairs = table.images * 2**16 + table.tiles["channel"]
        allowed &= np.isin(pairs, shown)
        if unknown:
            notes.append(
                f"Left out, as no name of a channel says what it shows: {unknown} of "
                f"{len(numbers)} images of {home.info.name}."
            )
    return allowed, notes


def _showing(file: IndexFile, meaning: str) -> tuple[list[int], int]:
    """Return which channels show something, and of how many images none is known."""
    shown, unknown = [], 0
    for image, names in file.channels():
        meanings = [meaning_of(name) for name in names]
        shown += [image * 2**16 + n for n, one in enumerate(meanings) if one == meaning]
        unknown += not any(meanings)
    return shown, unknown


def _coverage(home: Library, file: IndexFile, key: str) -> Iterator[str]:
    described, images = file.counts(key).described, count_of(home)
    if described < images:
        yield f"{described} of {images} images of {home.info.name} are described."
        for reason, count in file.reasons()[:_REASONS]:
            yield f"Left out of {home.info.name}, {count}: {reason}."
    if file.was_damaged:
        yield f"What was described of {home.info.name} was damaged and is gone."


def _hits(
    home: Library, file: IndexFile, table: TileTable, asked: Asked, scored: list[Scored]
) -> Iterator[SimilarImage]:
    for one in scored:
        known_as = file.image(one.image)
        if known_as is None:
            continue  # forgotten this moment, by another program
        record_id, names = known_as
        try:
            record = home.record(record_id)
        except RecordNotFound:  # removed since it was described
            continue
        tile = table.tiles[one.row]
        number, z = int(tile["channel"]), int(tile["z"])
        known = bool(tile["scaled"] and asked.tiles["scaled"][one.asked])
        top, left, bottom, right = map(int, tile["window"])
        yield SimilarImage(
            rank=0,
            record_id=record_id,
            address=str(Address(library=home.info.id, record=record_id)),
            title=record.title,
            licence=record.licence.name if record.licence else "not stated",
            distance=one.distance,
            channel=number,
            channel_name=names[number] if number < len(names) else "",
            t=int(tile["t"]),
            z=None if z == PROJECTED else z,
            step_um=step_um(int(tile["step"])) if known else None,
            window=(top, left, bottom, right),
            differences=_differences(file, record_id, tile, asked.spreads[one.asked]),
        )


def _differences(
    file: IndexFile, record: str, tile: np.void, own: NDArray[np.float32]
) -> tuple[Difference, ...]:
    """Return in what a tile of a library differs most from one that is looked for."""
    known = file.description(record, Classical().key)
    places = [row.tobytes() for row in known.tiles] if known else []
    if known is None or tile.tobytes() not in places:
        return ()
    theirs = known.numbers[places.index(tile.tobytes())].astype(np.float32)
    by = theirs - own
    found = []
    for feature in np.argsort(-np.abs(by), kind="stable")[:_DIFFERENCES]:
        name, mine = difference_of(int(feature), float(own[feature]))
        _, other = difference_of(int(feature), float(theirs[feature]))
        found.append(Difference(name, mine, other, float(by[feature])))
    return tuple(found)
