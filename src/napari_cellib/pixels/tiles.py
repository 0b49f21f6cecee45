"""The images that a mosaic is made of: where each lies, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, PixelsUnreadable
from napari_cellib.pixels import ngff
from napari_cellib.pixels.documents import join
from napari_cellib.pixels.levels import LevelSource
from napari_cellib.pixels.plates import parse_well

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from napari_cellib.pixels.plates import Field
    from napari_cellib.pixels.stores import Store

_NAMED = 12


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the images: what it is called, where it is stored, and its place.

    `group` is the well in which it is the first image, if that is all that is known:
    the first one of an acquisition, if the plate has several.
    """

    name: str
    path: str
    row: int
    column: int
    group: str | None = None
    acquisition: int | None = None


def first_of(fields: Sequence[Field], acquisition: int | None) -> str | None:
    """Return the path of the first image of an acquisition, or of all if it is None."""
    of_it = (f for f in fields if acquisition in (None, f.acquisition))
    first = next(of_it, None)
    return None if first is None else first.path


class Tiles:
    """The images of a mosaic, which are taken to be like the first until they are read.

    Parameters
    ----------
    store : Store
        Where they lie.
    tiles : sequence of Tile
        The images.
    documents : dict of str to bytes
        What describes each level of the first: by its path in an image.
    zarr_format : {2, 3}
        That of all of them.
    size : tuple of int
        How many rows and columns there are.
    """

    def __init__(
        self,
        store: Store,
        tiles: Sequence[Tile],
        documents: Mapping[str, bytes],
        zarr_format: int,
        size: tuple[int, int],
    ) -> None:
        self.store = store
        self.zarr_format = zarr_format
        self.by_place = {(tile.row, tile.column): tile for tile in tiles}
        self.rows, self.columns = size
        self.absent: set[str] = set()
        self.unlike: set[str] = set()
        self._documents = documents
        self._paths: dict[str, str] = {}
        self._sources: dict[str, LevelSource] = {}
        self._descriptions: dict[str, bytes | None] = {}

    def source(self, tile: Tile, level: str, like: LevelSource) -> LevelSource:
        """Return the array of a level of one image, without asking for anything."""
        path = join(self._paths.get(tile.name, tile.path), level)
        if path not in self._sources:
            self._sources[path] = like.moved(path, tile.name)
        return self._sources[path]

    def _remember(self, path: str, document: bytes) -> None:
        documents: dict[str, bytes | None] = {self._document(path): document}
        if self.zarr_format == 2:
            documents[f"{path}/.zattrs"] = None
        self.store.zarr.remember(documents)

    async def look_closer(self, tile: Tile, level: str) -> bool:
        """Find out why nothing is stored of an image; say if it lies elsewhere.

        The first image of a well may have another name than in the other wells. An
        image that is there, but of which these chunks are not stored, is black by
        its own account.
        """
        if tile.name in self._paths:
            return self._paths[tile.name] != tile.path
        path = await self._path_in_well(tile)
        if path is None or (
            path == tile.path and await self._described(join(path, level)) is None
        ):
            self.absent.add(tile.name)
        self._paths[tile.name] = path or tile.path
        return self._paths[tile.name] != tile.path

    async def _path_in_well(self, tile: Tile) -> str | None:
        if tile.group is None:
            return tile.path
        name = "zarr.json" if self.zarr_format == 3 else ".zattrs"
        found = await self._read(join(tile.group, name))
        if found is None:
            return None
        where = join(self.store.name, tile.group)
        try:
            group = ngff.parse_document(found, self.zarr_format, where)
            fields = parse_well(group.attributes, where, _ignore)
            field = first_of(fields, tile.acquisition)
            return field and join(tile.group, field)
        except PixelsUnreadable:
            return None

    async def own_source(self, tile: Tile, level: str) -> LevelSource | None:
        """Return the array as it describes itself, None if it is as it was taken for.

        Raises
        ------
        CellibError
            When its description cannot be read.
        """
        path = join(self._paths.get(tile.name, tile.path), level)
        found = await self._described(path)
        if found is None or _same(found, self._documents[level]):
            return None
        self._remember(path, found)
        return LevelSource(self.store, path, tile.name, zarr_format=self.zarr_format)

    async def _described(self, path: str) -> bytes | None:
        if path not in self._descriptions:
            self._descriptions[path] = await self._read(self._document(path))
        return self._descriptions[path]

    async def _read(self, key: str) -> bytes | None:
        return await self.store.document(key)

    def _document(self, path: str) -> str:
        return join(path, "zarr.json" if self.zarr_format == 3 else ".zarray")

    def look(self) -> None:
        """Note which images a local folder does not have; of a server nothing."""
        if self.store.folder is None:
            return
        for tile in self.by_place.values():
            if not self.store.has_file(tile.group or tile.path):
                self.absent.add(tile.name)

    def warning(self, what: str) -> str | None:
        """Say which images are black because they are not there, or are unlike."""
        parts = [
            f"{len(names)} of {len(self.by_place)} {what} {verb}: {_listed(names)}"
            for names, verb in (
                (self._in_order(self.absent), "absent, shown black"),
                (
                    self._in_order(self.unlike),
                    "unlike the others, not or only partly shown",
                ),
            )
            if names
        ]
        return "; ".join(parts) or None

    def _in_order(self, names: Container[str]) -> list[str]:
        return [t.name for t in self.by_place.values() if t.name in names]


def _same(one: bytes, other: bytes) -> bool:
    try:
        return ngff.parse_json(one, "") == ngff.parse_json(other, "")
    except CellibError:
        return False


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _ignore(_: str) -> None:
    """Say nothing: what the wells have in common was said of the first."""
