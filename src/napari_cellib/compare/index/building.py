"""Describe the images of a library: only what is new, and on from where it stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.compare.index.approximate import build_graphs
from napari_cellib.compare.index.descriptors import descriptors, family_of
from napari_cellib.compare.index.file import opened
from napari_cellib.compare.index.following import (
    count_of,
    follow,
    homes_of,
    is_behind,
)
from napari_cellib.compare.index.one_image import describe_image
from napari_cellib.compare.kept_values import stamp_of
from napari_cellib.errors import RecordNotFound
from napari_cellib.jobs import Job, Progress
from napari_cellib.library.library_image import LibraryImage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from napari_cellib.compare.index.descriptors import Descriptor
    from napari_cellib.compare.index.file import IndexFile
    from napari_cellib.library import Library, OpenLibrary
    from napari_cellib.settings import Settings

_RETRY_S = 24 * 3600.0  # after which an image that failed is tried again


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What describing a library has come to.

    Attributes
    ----------
    described, unchanged : int
        Images that were described now, and those that had been before.
    failed : tuple of tuple of str
        The id of each record that could not be described now, and why.
    tiles : int
        All tiles that are described, in the first way.
    seconds : float
        How long it took.
    """

    described: int = 0
    unchanged: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    tiles: int = 0
    seconds: float = 0.0

    def __add__(self, other: IndexReport) -> IndexReport:
        return IndexReport(
            self.described + other.described,
            self.unchanged + other.unchanged,
            self.failed + other.failed,
            self.tiles + other.tiles,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far a library is described.

    Attributes
    ----------
    images : int
        Images of the library.
    described, failed : int
        Those that are described in the ways of today, and those that cannot be.
    tiles : int
        All tiles that are described.
    size_bytes : int
        Of the descriptions on the disk.
    described_by : tuple of str
        All ways in which there are descriptions, those of older programs too.
    behind : bool
        Whether something may be new, as far as that is told cheaply.
    """

    images: int
    described: int
    tiles: int
    size_bytes: int
    described_by: tuple[str, ...] = ()
    failed: int = 0
    behind: bool = False


def index_library(
    library: OpenLibrary | Library,
    settings: Settings,
    *,
    network: Path | None = None,
    rebuild: bool = False,
    only: Collection[str] | None = None,
) -> Job[IndexReport]:
    """Describe what is new in a library, or in each of several.

    It may be stopped at any time, and the next one goes on from there.

    Parameters
    ----------
    library : OpenLibrary or Library
        Where the images are.
    settings : Settings
        Say where descriptions are kept if the library cannot be written.
    network : pathlib.Path, optional
        The user's own network in ONNX, instead of the one that is shipped.
    rebuild : bool, default: False
        Whether to forget everything first.
    only : collection of str, optional
        Ids of the records that are described now, if they are new; all by default.

    Returns
    -------
    IndexReport
        What was done.

    Yields
    ------
    Progress
        Image by image, and several times in each.

    Raises
    ------
    IndexBusy
        When another program describes the same library.
    ModelUnusable
        When the network is none.
    StorageFull
        When the drive is full; what was described before is kept.
    """
    by = descriptors(network)
    total = IndexReport()
    for home in homes_of(library)[0]:
        with opened(home, settings) as file, file.held():
            if rebuild:
                file.clear()
            total += yield from _describe(home, file, by, settings, only)
    return total


def index_state(
    library: OpenLibrary | Library,
    settings: Settings,
    *,
    network: Path | None = None,
) -> IndexState:
    """Return how far a library is described, by the ways of today.

    Parameters
    ----------
    library : OpenLibrary or Library
        One, or several.
    settings : Settings
        Say where descriptions are kept if the library cannot be written.
    network : pathlib.Path, optional
        The user's own network in ONNX.
    """
    by = [one.key for one in descriptors(network)]
    states = []
    for home in homes_of(library)[0]:
        with opened(home, settings) as file:
            each = [file.counts(key) for key in by]
            one = each[0]
            images = count_of(home)
            described = min(each.described for each in each)
            states.append(
                IndexState(
                    images,
                    described,
                    one.tiles,
                    file.size_bytes(),
                    one.keys,
                    one.failed,
                    behind=is_behind(home, file)
                    or one.behind > 0
                    or described + one.failed < images,
                )
            )
    return IndexState(
        sum(one.images for one in states),
        sum(one.described for one in states),
        sum(one.tiles for one in states),
        sum(one.size_bytes for one in states),
        tuple(dict.fromkeys(key for one in states for key in one.described_by)),
        sum(one.failed for one in states),
        behind=any(one.behind for one in states),
    )


def _describe(
    home: Library,
    file: IndexFile,
    by: Sequence[Descriptor],
    settings: Settings,
    only: Collection[str] | None,
) -> Job[IndexReport]:
    began = time.monotonic()
    keys = [one.key for one in by]
    yield from follow(home, file)
    waiting = file.waiting(keys, time.time() - _RETRY_S)
    if only is not None:
        waiting = [record for record in waiting if record in only]
    done, failed = 0, []
    for number, record in enumerate(waiting):
        told = Progress(
            f"Describing the images of {home.info.name}", number, len(waiting)
        )
        yield told
        outcome = yield from _one(home, record, file, by, settings, told)
        done += outcome == ""
        if outcome:
            failed.append((record, outcome))
    families = {family_of(key) for key in keys}
    counts = file.counts(keys[0])
    old = [k for k in counts.keys if k not in keys and family_of(k) in families]
    if old and only is None:  # until then they are all there is
        file.drop(old)
    for key in keys:
        yield from build_graphs(file, key)
    return IndexReport(
        done,
        max(0, counts.described - done),
        tuple(failed),
        counts.tiles,
        time.monotonic() - began,
    )


def _one(
    home: Library,
    record_id: str,
    file: IndexFile,
    by: Sequence[Descriptor],
    settings: Settings,
    told: Progress,
) -> Job[str | None]:
    """Describe one image; return why not, and None if it was before."""
    try:
        image = LibraryImage(home, home.record(record_id), settings=settings)
    except RecordNotFound:
        file.follow({record_id: False}, file.fact("seen"))
        return None
    stamp = stamp_of(image)
    old, known = file.known(record_id)
    missing = [one for one in by if old != stamp or one.key not in known]
    if not missing:
        file.unchanged(record_id)
        return None
    found = yield from describe_image(image, missing, told)
    file.keep(
        record_id, stamp, found.by_key, channels=found.channels, reason=found.reason
    )
    return found.reason
