"""The job that finds images like another one, and the cards of what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.compare.similar_images import SimilarImages
from napari_cellib.errors import CellibError, IndexOutdated
from napari_cellib.jobs import Progress
from napari_cellib.library import OpenLibrary
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.model import Address
from napari_cellib.viewmodels.comparing.parts import WHOLE
from napari_cellib.viewmodels.similar.words import card_of_hit

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from napari_cellib.compare.similar import IndexReport, IndexState
    from napari_cellib.compare.similar_images import Mode
    from napari_cellib.jobs import Job
    from napari_cellib.model import Query
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.comparing.parts import Part
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.similar.source import Source


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """A question for images like another one.

    Attributes
    ----------
    source : Source
        The image.
    mode : Mode
        In what they are to be alike.
    point : tuple of float
        The place in the world that is seen, of a layer.
    part : Part
        What of the layer is meant.
    channel : int or None
        Which channel of a library's image, from 0; None for all.
    pixel_size_um : float or None
        What a person has said, where the image does not know it.
    meaning : str
        What their channel is to show; empty for anything.
    query : Query or None
        A search that they are to be hits of.
    network : Path or None
        A person's own network, by which structure is told.
    """

    source: Source
    mode: Mode
    point: tuple[float, ...] = ()
    part: Part = WHOLE
    channel: int | None = None
    pixel_size_um: float | None = None
    meaning: str = ""
    query: Query | None = None
    network: Path | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """What was found.

    Attributes
    ----------
    asked : Asked
        The question.
    answer : SimilarImages
        What is near.
    cards : list of Card
        The same as it is shown.
    state : IndexState
        How far the libraries are described.
    channels : tuple of str
        Those of the image that was asked about.
    """

    asked: Asked
    answer: SimilarImages
    cards: list[Card]
    state: IndexState
    channels: tuple[str, ...] = ()


def find_job(libraries: Libraries, asked: Asked) -> Job[Found]:
    """Return the job that finds images like another one.

    Parameters
    ----------
    libraries : Libraries
        Those that are chosen are looked through.
    asked : Asked
        The question.
    """
    subject = yield from asked.source.read_job(
        libraries,
        point=asked.point,
        part=asked.part,
        pixel_size_um=asked.pixel_size_um,
    )
    yield Progress("Looking for images like it")
    from napari_cellib.compare.similar import find_similar, index_state  # 0.3 s

    settings = libraries.settings
    searched = libraries.searched()
    library = OpenLibrary(searched, settings=settings)
    address = asked.source.address
    try:
        answer = yield from find_similar(
            library,
            subject,
            settings,
            mode=asked.mode,
            channel=asked.channel,
            meaning=asked.meaning or None,
            search=asked.query,
            network=asked.network,
            leave_out=Address.parse(address).record if address else None,
        )
    except IndexOutdated as error:  # they are described anew after this
        answer = SimilarImages(
            mode=asked.mode,
            described_by="",
            scaled=True,
            notes=(error.what,),
            images=0,
            tiles=0,
            hits=(),
        )
    yield Progress("Looking for images like it")
    return Found(
        asked,
        answer,
        _cards(libraries, answer, of_several=isinstance(searched, SeveralLibraries)),
        index_state(library, settings, network=asked.network),
        subject.channels,
    )


def describe_job(
    libraries: Libraries,
    only: Collection[str] | None = None,
    network: Path | None = None,
) -> Job[IndexReport]:
    """Return the job that describes what is not described yet; it may be stopped.

    Parameters
    ----------
    libraries : Libraries
        Those that are chosen are described.
    only : collection of str, optional
        Ids of the records that are described; all by default.
    network : pathlib.Path, optional
        A person's own network, instead of the one that comes along.
    """
    yield Progress("Looking what is new")
    from napari_cellib.compare.similar import index_library

    settings = libraries.settings
    library = OpenLibrary(libraries.searched(), settings=settings)
    return (yield from index_library(library, settings, network=network, only=only))


def _cards(
    libraries: Libraries, answer: SimilarImages, *, of_several: bool
) -> list[Card]:
    cards = []
    for hit in answer.hits:
        address = Address.parse(hit.address)
        try:
            record = libraries.get(address.library).record(address.record)
        except CellibError:  # it has been taken away since it was described
            continue
        cards.append(card_of_hit(record, hit, (address.library,) if of_several else ()))
    return cards
