"""Keep the files that an image was made of beside it, with their check sums."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, TargetExists
from napari_cellib.jobs import Progress
from napari_cellib.pixels.stores import storage_error

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
    folder : pathlib.Path
        Where they are copied to; absent when they lie beside the image already.
    sums : pathlib.Path
        The list of their check sums, as ``sha256sum -c`` reads it.
    """

    folder: Path
    sums: Path

    @classmethod
    def of(cls, target: Path) -> Originals:
        """Return where the originals of an OME-Zarr belong."""
        stem = target.name.removesuffix(".zarr").removesuffix(".ome")
        return cls(
            target.with_name(f"{stem}.original"), target.with_name(f"{stem}.sha256")
        )

    def check_free(self) -> None:
        """Refuse to write over what is there.

        Raises
        ------
        TargetExists
            When one of both is there.
        """
        for path in (self.folder, self.sums):
            if path.exists() or path.is_symlink():
                raise TargetExists(str(path))

    def keep(self, files: Sequence[Path]) -> Job[tuple[Original, ...]]:
        """Copy files, and write down their check sums.

        One that lies beside the image already stays where it is. A stop for any
        reason leaves nothing behind.

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
        StorageFull
            When the drive has no room.
        """
        self.check_free()
        total = sum(file.stat().st_size for file in files)
        done, kept = 0, []
        try:
            for file in files:
                original = yield from self._keep(file, done, total)
                kept.append(original)
                done += original.size_bytes
            lines = "".join(f"{one.sha256}  {one.path}\n" for one in kept)
            self.sums.write_text(lines, encoding="utf-8")
        except BaseException as error:
            self.remove()
            if isinstance(error, CellibError):
                raise
            if isinstance(error, OSError) and (full := storage_error(error, self.sums)):
                raise full from error
            raise
        return tuple(kept)

    def remove(self) -> None:
        """Take back what was kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.sums.unlink(missing_ok=True)

    def _keep(self, file: Path, done: int, total: int) -> Job[Original]:
        beside = file.resolve().parent == self.sums.resolve().parent
        digest, size = hashlib.sha256(), 0
        copy = None
        try:
            if not beside:
                self.folder.mkdir(exist_ok=True)
                copy = (self.folder / file.name).open("xb")
            with file.open("rb") as source:
                while chunk := source.read(_CHUNK):
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
