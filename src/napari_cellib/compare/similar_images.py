"""What is found when images like one are looked for, and how it reads as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_cellib.compare import tables
from napari_cellib.library.table import data_frame

if TYPE_CHECKING:
    import pandas


class Mode(StrEnum):
    """In what images are to be alike."""

    SETUP = "setup"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Difference:
    """In what two tiles differ.

    Attributes
    ----------
    feature : str
        What was measured, in words.
    own, theirs : float
        Of the image that is looked for, and of the one that was found.
    by : float
        How much more `theirs` is, in spreads over many pictures.
    """

    feature: str
    own: float
    theirs: float
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarImage:
    """An image of a library, and how near it is.

    Attributes
    ----------
    rank : int
        1 for the nearest.
    record_id, address, title, licence : str
        Which image.
    distance : float
        1 less the mean cosine of each tile that is looked for and the one that is most
        like it; 0 is the same.
    channel : int
        Which of its channels is nearest, from 0.
    channel_name : str
        What that is called.
    t, z : int or None
        Where its most alike tile lies; `z` is None for the brightest values of a stack.
    step_um : float or None
        At which pixel size the two were compared, in micrometers; None where it is not
        known of both.
    window : tuple of int
        Top, left, bottom and right of that tile, in pixels of the finest level.
    differences : tuple of Difference
        What differs most in the two tiles that are most alike.
    """

    rank: int
    record_id: str
    address: str
    title: str
    licence: str
    distance: float
    channel: int
    channel_name: str
    t: int
    z: int | None
    step_um: float | None
    window: tuple[int, int, int, int]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class SimilarImages:
    """The nearest images, and what must be said of them.

    Attributes
    ----------
    mode : Mode
        In what they are alike.
    described_by : str
        By which descriptor, and in which version.
    scaled : bool
        Whether the pixel size of what was looked for is known.
    notes : tuple of str
        What a person must know, in sentences.
    images, tiles : int
        With how many they were compared.
    hits : tuple of SimilarImage
        The nearest first.
    """

    mode: Mode
    described_by: str
    scaled: bool
    notes: tuple[str, ...]
    images: int
    tiles: int
    hits: tuple[SimilarImage, ...]

    def to_dataframe(self) -> pandas.DataFrame:
        """Return one row per image, the nearest first; needs pandas.

        The columns are those of ``cellib similar --csv``.

        Raises
        ------
        MissingExtra
            When pandas is not installed.
        """
        return data_frame(list(tables.similar_rows(self.hits)), tables.SIMILAR)

    def __repr__(self) -> str:
        lines = [
            f"  {one.distance:.3f}  {one.address} {one.title!r}" for one in self.hits
        ]
        head = f"<{len(self.hits)} of {self.images} images, same {self.mode}>"
        return "\n".join([head, *lines, *(f"  {note}" for note in self.notes)])
