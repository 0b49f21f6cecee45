"""Keep the files that an image was made of beside it, with their check sums."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from napari_cellib.errors import TargetExists
from napari_cellib.jobs import Progress
from napari_cellib.pixels.reading.source import reaching
from napari_cellib.pixels.writing.folder import explain_writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job

_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Original:
    """A file that was kept.

    Attributes
    ----------
    name : str
        Its name.
    path : str
        Where it lies, seen from the folder of the list.
    sha256 : str
        Its check sum.
    size_bytes : int
        Its size.
    """

    name: str
    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Originals:
    """Where the originals of an image are kept.

    Attributes
    ----------
    image : pathlib.Path
        The OME-Zarr beside which they are kept.
    folder : pathlib.Path
        Where they are copied to; absent when they lie beside the image already.
    sums : pathlib.Path
        The list of their check sums, as ``sha256sum -c`` reads it.
    """

    image: Path
    folder: Path
    sums: Path

    @property
    def _unsettled(self) -> tuple[tuple[Path, Path], ...]:
        """What is written first, and what it is called at the end."""
        return tuple(
            (path.with_name(path.name + ".partial"), path)
            for path in (self.folder, self.sums)
        )

    @classmethod
    def of(cls, target: Path) -> Originals:
        """Return where the originals of an OME-Zarr belong."""
        stem = target.name.removesuffix(".zarr").removesuffix(".ome")
        folder, sums = f"{stem}.original", f"{stem}.sha256"
        return cls(target, target.with_name(folder), target.with_name(sums))

    def check_free(self) -> None:
        """Refuse to write over what is there.

        Raises
        ------
        TargetExists
            When one of both is there.
        """
        for path in (self.folder, self.sums):
            if os.path.lexists(path):
                raise TargetExists(str(path))

    def keep(self, files: Sequence[Path]) -> Job[tuple[Original, ...]]:
        """Copy files, and write down their check sums; `settle` gives them their names.

        One that lies beside the image already stays where it is. What a killed run
        has left is taken away first, and a stop for any reason leaves nothing.

        Parameters
        ----------
        files : sequence of pathlib.Path
            The originals; no two of the same name.

        Returns
        -------
        tuple of Original
            In the same order.

        Yields
        ------
        Progress
            In megabytes.

        Raises
        ------
        PixelsUnreadable
            When one of the files cannot be read.
        PixelsUnwritable
            When nothing may be written there.
        StorageFull
            When the drive has no room.
        """
        self.remove()
        (copies, _), (sums, _) = self._unsettled
        total = sum(map(_size, files))
        done, kept = 0, []
        try:
            for file in files:
                original = yield from self._keep(file, copies, done, total)
                kept.append(original)
                done += original.size_bytes
            lines = "".join(f"{one.sha256}  {one.path}\n" for one in kept)
            sums.write_text(lines, encoding="utf-8")
        except BaseException as error:
            self.remove()
            if isinstance(error, OSError):
                explained = explain_writing(error, self.image)
                raise explained or error from error
            raise
        return tuple(kept)

    def settle(self) -> None:
        """Give what was kept its names, once the image has its own.

        Raises
        ------
        TargetExists
            When one of them was taken meanwhile.
        """
        self.check_free()
        for partial, path in self._unsettled:
            with suppress(FileNotFoundError):  # all of them lie beside
                partial.rename(path)

    def remove(self) -> None:
        """Take back what was kept, unless it has its names."""
        (copies, _), (sums, _) = self._unsettled
        shutil.rmtree(copies, ignore_errors=True)
        with suppress(OSError):
            sums.unlink()

    def _keep(self, file: Path, folder: Path, done: int, total: int) -> Job[Original]:
        beside = file.resolve().parent == self.sums.resolve().parent
        digest, size = hashlib.sha256(), 0
        copy = None
        try:
            if not beside:
                folder.mkdir(parents=True, exist_ok=True)
                copy = (folder / file.name).open("xb")
            with reaching(file):
                source = file.open("rb")
            with source:
                while chunk := _next(source, file):
                    digest.update(chunk)
                    if copy:
                        copy.write(chunk)
                    size += len(chunk)
                    yield Progress(
                        "Keeping the original, in MB",
                        (done + size) // 1_000_000,
                        total // 1_000_000,
                    )
        finally:
            if copy:
                copy.close()
        path = file.name if beside else f"{self.folder.name}/{file.name}"
        return Original(file.name, path, digest.hexdigest(), size)


def _size(file: Path) -> int:
    with reaching(file):
        return file.stat().st_size


def _next(source: BinaryIO, file: Path) -> bytes:
    with reaching(file):
        return source.read(_CHUNK)
