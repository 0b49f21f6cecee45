"""What the panel that finds images like another one shows and decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.compare.describing.network import is_installed
from napari_cellib.compare.similar_images import Mode
from napari_cellib.model import Address, Query
from napari_cellib.viewmodels.comparing.parts import WHOLE, Part
from napari_cellib.viewmodels.similar.finding import Asked, describe_job, find_job
from napari_cellib.viewmodels.similar.own_network import (
    OwnNetwork,
    keep_job,
    read_own_network,
)
from napari_cellib.viewmodels.similar.source import of_layer
from napari_cellib.viewmodels.similar.words import summary_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.compare.similar import IndexReport, SimilarImage
    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.comparing.sides import Side
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.similar.finding import Found
    from napari_cellib.viewmodels.similar.source import Source

_NOTHING = "Open an image in the viewer, or ask from an image's page in the library."
_READY = "Find the images of your libraries that are most like it."
NO_NETWORK = (
    "Same structure needs a package that is not installed: "
    "pip install 'napari-cellib[similar]'"
)


@dataclass
class SimilarModel:
    """Images like another one; every field tells its listeners when it changes.

    Attributes
    ----------
    libraries : Libraries
        Those that are chosen are looked through.
    sources : tuple of Source
        All images that can be asked about.
    chosen : str
        The key of the one that is.
    parts : tuple of Part
        What is marked in the viewer, and may be meant instead of the whole plane.
    meant : str
        Which of these is, by its key; of a library's image, which channel.
    pixel_sizes_um : dict of str to float
        What a person has said of images that do not know theirs, by key.
    mode : Mode
        In what images are to be alike.
    own_network : OwnNetwork
        The person's own, and whether structure is told by it.
    meaning : str
        What their channel is to show; empty for anything.
    query : Query
        A search that they are to be hits of.
    cards : list of Card
        What was found, the nearest first.
    found : Found or None
        The same with all that is known of it.
    message : str
        What a person should know, in sentences.
    """

    libraries: Libraries
    sources: tuple[Source, ...] = ()
    chosen: str = ""
    parts: tuple[Part, ...] = ()
    meant: str = ""
    pixel_sizes_um: dict[str, float] = field(default_factory=dict)
    mode: Mode = Mode.SETUP
    own_network: OwnNetwork = field(default_factory=OwnNetwork)
    meaning: str = ""
    query: Query = field(default_factory=Query)
    cards: list[Card] = field(default_factory=list)
    found: Found | None = None
    message: str = _NOTHING
    can_load_more: bool = False  # all that is near is there at once
    _records: tuple[Source, ...] = ()
    _may_describe: bool = True  # until a person stops that
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def __post_init__(self) -> None:
        self.own_network = read_own_network(self.libraries.settings)

    @property
    def structure_problem(self) -> str:
        """Why images cannot be compared by structure; empty if they can."""
        return "" if is_installed() else NO_NETWORK

    def take_sides(self, sides: Sequence[Side]) -> None:
        """Let the images of the viewer be asked about."""
        self._show((*self._records, *map(of_layer, sides)))

    def take_record(self, source: Source) -> None:
        """Ask about an image of a library; the one before is no longer offered."""
        self._records = (source,)
        layers = (one for one in self.sources if one.side is not None)
        self._show((source, *layers))
        self.choose(source.key)

    def choose(self, key: str) -> None:
        """Ask about another image."""
        if key != self.chosen:
            self._forget()
        self.chosen = key
        self.message = _READY if self.source else _NOTHING

    def choose_layer(self, name: str) -> None:
        """Ask about a layer, told by its name."""
        keys = (one.key for one in self.sources if one.side and one.name == name)
        self.choose(next(keys, self.chosen))

    @property
    def source(self) -> Source | None:
        """The image that is asked about."""
        return next((one for one in self.sources if one.key == self.chosen), None)

    @property
    def part(self) -> Part:
        """What of a layer is meant."""
        return next((one for one in self.parts if one.key == self.meant), WHOLE)

    @property
    def channels(self) -> tuple[Part, ...]:
        """The channels of a library's image, as far as they are known by now."""
        if self.found is None or self.source is None or self.source.side is not None:
            return ()
        names = self.found.channels
        if len(names) < 2:
            return ()
        return tuple(Part(key=str(n), words=name) for n, name in enumerate(names))

    @property
    def channel(self) -> int | None:
        """Which of them is meant; None for all."""
        is_one = self.meant in [one.key for one in self.channels]
        return int(self.meant) if is_one else None

    @property
    def asks_for_size(self) -> bool:
        """Whether a person is to say how large a pixel is."""
        source, found = self.source, self.found
        if source is None:
            return False
        return (
            source.key in self.pixel_sizes_um
            or not source.is_scaled
            or (found is not None and not found.answer.scaled)
        )

    def say_pixel_size(self, size_um: float) -> None:
        """Take what a person says of the size of a pixel; 0 is unknown."""
        known = {**self.pixel_sizes_um, self.chosen: size_um}
        self.pixel_sizes_um = {key: size for key, size in known.items() if size > 0}

    @property
    def network(self) -> Path | None:
        """The person's own network, if it is asked now."""
        return self.own_network.used if self.mode is Mode.STRUCTURE else None

    def network_job(self, path: Path | None) -> Job[OwnNetwork]:
        """Return the job that tries and remembers by which network structure is told.

        Parameters
        ----------
        path : pathlib.Path or None
            A file in ONNX; None for the network that comes along.
        """
        known = self.own_network
        chosen = OwnNetwork(path=path or known.path, is_used=path is not None)
        return keep_job(self.libraries.settings, chosen)

    def take_network(self, chosen: OwnNetwork) -> None:
        """Tell structure by another network from now on."""
        self.own_network = chosen
        self._may_describe = True  # it is another question

    def find_job(self, point: Sequence[float], part: Part | None = None) -> Job[Found]:
        """Return the job that finds images like the one that is chosen.

        Parameters
        ----------
        point : sequence of float
            The place in the world that is seen.
        part : Part, optional
            What of a layer is meant, if it is none of the marks.
        """
        source = self.source
        assert source is not None, "there is nothing to ask about"
        asked = Asked(
            source=source,
            mode=self.mode,
            point=tuple(point),
            part=part or self.part,
            channel=self.channel,
            pixel_size_um=self.pixel_sizes_um.get(source.key),
            meaning=self.meaning,
            query=None if self.query.is_empty else self.query,
            network=self.network,
        )
        return find_job(self.libraries, asked)

    def take_found(self, found: Found) -> None:
        """Show what was found, unless something else is asked about by now."""
        if found.asked.source.key != self.chosen:
            return
        self.found = found
        if not found.state.behind:
            self._may_describe = True  # what is new later on
        self.cards = found.cards
        self.message = summary_of(found.answer)

    def hit_of(self, card: Card) -> SimilarImage | None:
        """Return how near the image of a card is."""
        if self.found is None or card.library is None:
            return None
        address = str(Address(library=card.library, record=card.record))
        hits = self.found.answer.hits
        return next((hit for hit in hits if hit.address == address), None)

    @property
    def is_behind(self) -> bool:
        """Whether images are not described yet, or no longer as they are."""
        return self.found is not None and self.found.state.behind

    @property
    def wants_describing(self) -> bool:
        """Whether these are to be described now, without being asked for."""
        return self.is_behind and self._may_describe

    def describe_job(self) -> Job[IndexReport]:
        """Return the job that describes what is not described yet."""
        self._may_describe = False  # not again by itself, whatever comes of it
        return describe_job(self.libraries, network=self.network)

    def _show(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources
        if self.source is None:
            self.choose(sources[0].key if sources else "")

    def _forget(self) -> None:
        self.found = None
        self.cards = []
        self.meant = ""
