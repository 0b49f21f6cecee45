"""The arrays of an image held against what its attributes say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.geometry import as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.pixels.validating.faults import Faults


@dataclass(frozen=True, slots=True)
class StoredArray:
    """What the document of an array says, of either zarr format.

    Attributes
    ----------
    shards : tuple of int or None
        What one file holds, where it holds several chunks.
    codecs : tuple of str
        Names of what the chunks went through, the first first.
    """

    shape: tuple[Any, ...]
    dtype: str
    chunks: tuple[Any, ...]
    shards: tuple[Any, ...] | None
    codecs: tuple[str, ...]
    names: tuple[Any, ...] | None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> StoredArray:
        """Read a document as it was found; nothing in it is relied upon."""
        if "zarr_format" in document and document["zarr_format"] == 2:
            codecs = [*as_list(document.get("filters")), document.get("compressor")]
            return cls(
                shape=tuple(as_list(document.get("shape"))),
                dtype=str(document.get("dtype")),
                chunks=tuple(as_list(document.get("chunks"))),
                shards=None,
                codecs=tuple(str(as_mapping(c).get("id")) for c in codecs if c),
                names=None,
            )
        grid = as_mapping(as_mapping(document.get("chunk_grid")).get("configuration"))
        chunks = tuple(as_list(grid.get("chunk_shape")))
        codecs, shards = as_list(document.get("codecs")), None
        for codec in map(as_mapping, codecs):
            if codec.get("name") == "sharding_indexed":
                inner = as_mapping(codec.get("configuration"))
                chunks, shards = tuple(as_list(inner.get("chunk_shape"))), chunks
                codecs = as_list(inner.get("codecs"))
        names = document.get("dimension_names")
        return cls(
            shape=tuple(as_list(document.get("shape"))),
            dtype=str(document.get("data_type")),
            chunks=chunks,
            shards=shards,
            codecs=tuple(str(as_mapping(codec).get("name")) for codec in codecs),
            names=tuple(names) if isinstance(names, list) else None,
        )


def check_arrays(
    arrays: Mapping[str, StoredArray | None],
    axes: Sequence[str],
    faults: Faults,
) -> None:
    """Look at the levels of one image.

    Parameters
    ----------
    arrays : dict of str to StoredArray or None
        By path, the finest first as the image lists them; None where it is absent.
    axes : sequence of str
        Names of the axes.
    faults : Faults
        Gathers what is wrong.
    """
    first = next((array for array in arrays.values() if array is not None), None)
    sizes = []
    for place, array in arrays.items():
        if not faults.must(array is not None, place, "must be there"):
            continue
        assert array is not None
        assert first is not None
        fits = len(array.shape) == len(axes)
        faults.must(fits, place, f"must have {len(axes)} dimensions")
        faults.must(array.dtype == first.dtype, place, f"must be of {first.dtype}")
        if array.names is not None:
            same = list(array.names) == list(axes)
            faults.must(same, place, f"must name its dimensions {', '.join(axes)}")
        sizes.append(_size(array))
    in_order = sizes == sorted(sizes, reverse=True)
    place = next(iter(arrays))
    faults.must(in_order, place, "and the other levels must be listed by size")


def _size(array: StoredArray) -> int:
    size = 1
    for length in array.shape:
        size *= length if isinstance(length, int) else 1
    return size
