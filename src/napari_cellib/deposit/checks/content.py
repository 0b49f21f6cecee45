"""What is deposited: whether it is there, new, and how much of it there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import advice, at, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem

_LARGE_BYTES = 10_000_000_000
# What a good line of a university takes up: the time that is told is an estimate.
_BYTES_PER_S = 12_500_000


def check_content(
    draft: Draft,
    *,
    held_as: Callable[[str], str | None] | None = None,
    room_bytes: int | None = None,
) -> Iterator[Problem]:
    """Look at files and layers, without opening them.

    Parameters
    ----------
    draft : Draft
        What was typed so far.
    held_as : callable, optional
        Returns the number of the image that has the content of a digest, or None.
    room_bytes : int, optional
        Bytes that the library has room for.
    """
    if not draft.sources:
        yield error(
            "files-missing",
            at("sources"),
            "No file and no layer is chosen.",
            "Choose what is to be deposited.",
        )
    for source in draft.sources:
        number = held_as(source.digest) if held_as and source.digest else None
        if number is not None:
            yield error(
                "content-already-held",
                at("sources"),
                f"The library has {source.name} already, as {number}.",
                f"Cite {number}; if what is said of it is wrong, correct it there.",
            )
    size = draft.size_bytes
    if size is None:
        return
    if room_bytes is not None and size > room_bytes:
        yield error(
            "room-too-small",
            at("sources"),
            f"They take {_gigabytes(size)}, and the library has room for "
            f"{_gigabytes(room_bytes)}.",
            "Make room on its drive, or deposit less at once.",
        )
    elif size > _LARGE_BYTES:
        yield advice(
            "deposit-large",
            at("sources"),
            f"They take {_gigabytes(size)}, which is about "
            f"{max(1, round(size / _BYTES_PER_S / 60))} minutes over a network.",
            "It may be paused and goes on from there.",
        )


def announcement(draft: Draft) -> str:
    """Return what will be deposited and how large it is, in one sentence.

    Examples
    --------
    >>> from napari_cellib.deposit.draft import Draft, Source
    >>> announcement(Draft(sources=(Source(path="a.tif", size_bytes=2_400_000),)))
    '1 file or layer, 2.4 MB.'
    """
    count = len(draft.sources)
    what = "1 file or layer" if count == 1 else f"{count} files or layers"
    size = draft.size_bytes
    if size is None:
        return f"{what}, of a size that is not known yet."
    shown = _gigabytes(size) if size >= 1e9 else f"{size / 1e6:.3g} MB"
    return f"{what}, {shown}."


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.3g} GB"
