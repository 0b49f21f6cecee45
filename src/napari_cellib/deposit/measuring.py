"""How large files and folders are, without reading them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job

_STEP = 500  # files between two looks at whether to stop


def size_of(path: Path) -> Job[int | None]:
    """Return the bytes of a file, or of all in a folder; None if it cannot be read.

    Links are not followed: they may lead in a circle.
    """
    try:
        if not path.is_dir():
            return path.stat().st_size
        total = count = 0
        for folder, _, names in os.walk(path):
            for name in names:
                total += os.lstat(Path(folder, name)).st_size
                count += 1
                if count % _STEP == 0:
                    yield Progress(f"Looking at {path.name}", count)
    except OSError:
        return None
    return total


def measured(draft: Draft) -> Job[Draft]:
    """Return a draft that knows how large its files and folders are."""
    sources = []
    for source in draft.sources:
        if source.size_bytes is None and source.path and not source.layer:
            size = yield from size_of(Path(source.path))
            source = source.model_copy(update={"size_bytes": size})
        sources.append(source)
    return draft.model_copy(update={"sources": tuple(sources)})
