"""What is said of images whose pixels are still travelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.words import count_in_words, size_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.errors import CellibError


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One streamed layer as it is shown at this moment.

    Attributes
    ----------
    level, level_count : int
        The level that is shown, and how many there are; 0 is the finest.
    zoom_out : int, default: 1
        Pixels of the finest level along a side of one of this level.
    missing : int
        Chunks in view that are still to come.
    received_bytes : int
        What has come for this layer so far.
    problems : tuple of CellibError
        Why chunks in view could not be had.
    absent : tuple of str
        Levels of which chunks are not stored, in words.
    is_chosen : bool
        Whether the layer is the selected one.
    has_contrast, is_estimated : bool
        Whether it has contrast limits, and whether they were estimated.
    """

    level: int
    level_count: int
    zoom_out: int = 1
    missing: int = 0
    received_bytes: int = 0
    problems: tuple[CellibError, ...] = ()
    absent: tuple[str, ...] = ()
    is_chosen: bool = False
    has_contrast: bool = False
    is_estimated: bool = False


@dataclass
class StreamingModel:
    """What the strip below the cards says; tells its listeners when it changes.

    Attributes
    ----------
    is_shown : bool
        Whether any layer is streamed.
    is_loading : bool
        Whether chunks in view are still to come.
    words : str
        What is seen, and what has come for it.
    problem : str
        What could not be loaded, and why; empty if nothing.
    notes : str
        What else is to be known: chunks that are not stored, estimated contrast.
    channels : int
        How many layers have contrast limits that can be estimated.
    """

    is_shown: bool = False
    is_loading: bool = False
    words: str = ""
    problem: str = ""
    notes: str = ""
    channels: int = 0

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def take(self, layers: Sequence[Seen]) -> None:
        """Say how `layers` are, those that are visible."""
        self.is_shown = bool(layers)
        if not layers:
            return
        self.is_loading = any(layer.missing for layer in layers)
        self.words = _words(layers)
        self.problem = _problem(layers)
        self.notes = _notes([_chosen(layers), *layers])
        self.channels = sum(layer.has_contrast for layer in layers)


def _words(layers: Sequence[Seen]) -> str:
    """Say it in one line of a narrow panel, so that nothing jumps."""
    chosen = _chosen(layers)
    size = size_in_words(sum(layer.received_bytes for layer in layers))
    has_levels = chosen.level_count > 1
    if missing := sum(layer.missing for layer in layers):
        level = f"Level {chosen.level} · " if has_levels else ""
        return f"{level}{count_in_words(missing, 'part')} to come · {size}"
    zoom_out = "Full size" if chosen.zoom_out <= 1 else f"1/{chosen.zoom_out} size"
    level = f", level {chosen.level}" if has_levels else ""
    return f"{zoom_out}{level} · {size} loaded"


def _chosen(layers: Sequence[Seen]) -> Seen:
    return next((layer for layer in layers if layer.is_chosen), layers[-1])


def _problem(layers: Sequence[Seen]) -> str:
    problems = [problem for layer in layers for problem in layer.problems]
    if not problems:
        return ""
    what, fix = problem_in_words(problems[0])
    count = count_in_words(len(problems), "part")
    return f"{count} not loaded. {what} {fix}".strip()


def _notes(layers: Sequence[Seen]) -> str:
    # One layer speaks for all: channels mostly lack the same.
    notes = list(next((layer.absent for layer in layers if layer.absent), ()))
    if layers[0].is_estimated:
        notes.append("contrast estimated")
    text = "; ".join(notes)
    return text[:1].upper() + text[1:]
