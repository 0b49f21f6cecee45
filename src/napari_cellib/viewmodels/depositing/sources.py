"""What can be deposited: the layers of a viewer, or files; and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.measuring import size_of
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.words import size_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """A layer that can be deposited.

    Attributes
    ----------
    name : str
        As it is called in the viewer.
    kind : str
        What it is, e.g. "image".
    size_bytes : int or None
        Of its finest level in memory, where it can be told.
    is_open : bool
        Whether the viewer has it.
    """

    name: str
    kind: str = ""
    size_bytes: int | None = None
    is_open: bool = True

    @property
    def words(self) -> str:
        """What stands beside its name."""
        if not self.is_open:
            return "not open: open it again, or take it out"
        size = size_in_words(self.size_bytes) if self.size_bytes is not None else ""
        return ", ".join(filter(None, (self.kind, size)))

    @property
    def source(self) -> Source:
        """It as a part of a draft."""
        return Source(layer=self.name, size_bytes=self.size_bytes)


def layer_choice(name: str, kind: str, data: Any) -> LayerChoice:
    """Return what is known of a layer, without reading a pixel.

    Parameters
    ----------
    name, kind : str
        Its name and its type.
    data : object
        Its data: an array, several levels of one, or what else a layer may hold.
    """
    finest = data
    if not hasattr(data, "dtype") and len(data) and hasattr(data[0], "dtype"):
        # Levels of a pyramid come one by one, the vertices of shapes all count.
        finest = data[0] if kind in ("image", "labels") else None
    if finest is None:
        size = sum(int(np.asarray(one).nbytes) for one in data)
    elif hasattr(finest, "shape") and hasattr(finest, "dtype"):
        size = prod(finest.shape) * np.dtype(finest.dtype).itemsize
    else:
        return LayerChoice(name, kind)
    return LayerChoice(name, kind, size)


def with_absent(choices: Sequence[LayerChoice], draft: Draft) -> list[LayerChoice]:
    """Return the layers of a viewer, and those of a draft that it does not have."""
    there = {choice.name for choice in choices}
    absent = [
        one.layer for one in draft.sources if one.layer and one.layer not in there
    ]
    return [*choices, *(LayerChoice(name, is_open=False) for name in absent)]


def measure_job(paths: Iterable[Path]) -> Job[tuple[Source, ...]]:
    """Return the job that finds out how large files and folders are.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        What a person has chosen. What cannot be read has no size.

    Returns
    -------
    tuple of Source
        In the same order, each path once.
    """
    sources = []
    for path in dict.fromkeys(paths):
        yield Progress(f"Looking at {path.name}")
        size = yield from size_of(path)
        sources.append(Source(path=str(path), size_bytes=size))
    return tuple(sources)
