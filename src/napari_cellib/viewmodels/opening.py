"""From an address or a record to layer tuples that a viewer can add."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from napari_cellib.errors import NoPixels, PixelsUnreadable
from napari_cellib.jobs import Progress
from napari_cellib.model import Address
from napari_cellib.model.address import SCHEME
from napari_cellib.model.view_link import read_view_link
from napari_cellib.viewmodels.first_view import expect_first_view
from napari_cellib.viewmodels.views import first_looks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import ImageRecord, Representation
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.first_view import Screen
    from napari_cellib.viewmodels.libraries import Libraries

LayerData: TypeAlias = "tuple[Any, dict[str, Any], str]"

_URL = re.compile(r"^(?:cellib|https?|file|s3|gs|az|abfss?)://\S", re.IGNORECASE)
_PATH = re.compile(r"^(?:/\S|~[/\\]|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\)")


def place_typed(text: str) -> str | None:
    """Return the address or path that `text` is, or None for words to search for.

    Looks at the text alone: nothing is opened.

    Examples
    --------
    >>> place_typed("cellib://demo/CLB0000028")
    'cellib://demo/CLB0000028'
    >>> place_typed('"/data/my image.zarr"')
    '/data/my image.zarr'
    >>> place_typed("mitochondria in HeLa") is None
    True
    """
    bare = text.strip().strip("\"'").strip()  # file managers copy paths in quotes
    return bare if _URL.match(bare) or _PATH.match(bare) else None


def open_place(
    libraries: Libraries, place: str, screen: Screen | None = None
) -> Job[list[LayerData]]:
    """Return the job that opens an address, a URL or a path.

    Parameters
    ----------
    libraries : Libraries
        Where ``cellib://`` addresses are looked up.
    place : str
        ``cellib://LIBRARY/RECORD``, with a view or without, or the URL or path of an
        OME-Zarr image.
    screen : Screen, optional
        Where the layers will be shown.

    Returns
    -------
    Job of list of tuple
        Layer tuples: (data, keyword arguments, layer type).
    """
    if not place.lower().startswith(SCHEME):
        return _open_pixels(place, libraries.settings, screen)
    view = read_view_link(place).view
    if view.is_view and screen is not None:
        # The canvas is not going to be filled: which level comes first is not known.
        screen = replace(screen, canvas=None)
    library, record = view.address.library, view.address.record
    return open_record(libraries, library, record, view.file, screen=screen)


def open_places(
    libraries: Libraries, places: Sequence[str], screen: Screen | None = None
) -> Job[list[LayerData]]:
    """Return the job that opens several addresses, URLs or paths, one by one."""
    layers = []
    for place in places:
        layers += yield from open_place(libraries, place, screen)
    return layers


def open_record(
    libraries: Libraries,
    library_id: str | None,
    record_id: str,
    file: Representation | str | None = None,
    *,
    screen: Screen | None = None,
) -> Job[list[LayerData]]:
    """Return the job that opens one image of a library.

    Parameters
    ----------
    libraries : Libraries
        Where the library is found.
    library_id, record_id : str
        Which image.
    file : Representation or str, optional
        One of the record's files, or the name of one, as a link has it; the best one
        by default, and where none has that name.
    screen : Screen, optional
        Where the layers will be shown.

    Raises
    ------
    RecordNotFound
        When the library has no such image (raised while the job runs).
    PixelsUnreadable
        When the record has no file that can be shown (likewise).
    """
    yield Progress("Looking the image up")
    library = libraries.get(library_id)
    record = library.record(record_id)
    if isinstance(file, str):
        file = _file_named(record, file)
    layers = yield from open_job(
        library, record, libraries.settings, file, screen=screen
    )
    return layers


def _file_named(record: ImageRecord, name: str) -> Representation | None:
    files = record.representations
    return next((file for file in files if file_name(file) == name), None)


def file_name(file: Representation) -> str:
    """Return by what a link names a file: the last part of its address."""
    return unquote(file.url.replace("\\", "/").rstrip("/").rpartition("/")[2])


def open_job(
    library: Library,
    record: ImageRecord,
    settings: Settings,
    file: Representation | None = None,
    *,
    screen: Screen | None = None,
) -> Job[list[LayerData]]:
    """Return the job that opens `record`, which `library` holds, by its best file."""
    address = Address(library=library.info.id, record=record.id)
    chosen = file or record.best_file(settings.cache_bytes)
    if chosen is None:
        raise PixelsUnreadable(str(address), "the record has no file that can be shown")
    where = library.locate(chosen)
    warnings: tuple[str, ...] = ()
    if chosen.role != "pyramid":
        where, warnings = yield from _fetched(record, chosen, where, settings)
    layers = yield from _open_pixels(
        where,
        settings,
        screen,
        warnings,
        known=chosen.manifest if chosen.role == "pyramid" else None,
        record=record,
        address=address,
        library_name=library.info.name,
    )
    is_best = chosen == record.best_file(settings.cache_bytes)
    return _numbered(layers, None if is_best else file_name(chosen))


def _numbered(layers: list[LayerData], file: str | None) -> list[LayerData]:
    """Note with each layer what a link to a view of the image has to know."""
    for number, (_, kwargs, _) in enumerate(layers):
        about = kwargs["metadata"]["cellib"]
        own = {"number": number, "at_first": first_looks(kwargs)}
        kwargs["metadata"]["cellib"] = about | own | ({"file": file} if file else {})
    return layers


def _fetched(
    record: ImageRecord, file: Representation, where: str, settings: Settings
) -> Job[tuple[str, tuple[str, ...]]]:
    yield Progress("Opening the image")
    _import_pixels()
    from napari_cellib.library.fetching import ImageFile, fetch_image
    from napari_cellib.library.image_cache import ImageCache

    cache = ImageCache.of(settings)
    wanted = ImageFile.of(record, file, where)
    found = yield from fetch_image(wanted, cache, timeout_s=settings.timeout_s)
    return str(found.folder), found.warnings


def _open_pixels(
    where: str,
    settings: Settings,
    screen: Screen | None,
    warnings: tuple[str, ...] = (),
    *,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    record: ImageRecord | None = None,
    **described: Any,
) -> Job[list[LayerData]]:
    yield Progress("Opening the image")
    # Imported in the job, off the screen's thread: zarr and dask take a while.
    _import_pixels()
    from napari_cellib.pixels.agreement import agreed
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.layers import layer_tuples
    from napari_cellib.pixels.loading import open_for_viewing
    from napari_cellib.pixels.stores import open_store
    from napari_cellib.viewmodels.restoring import restored

    disk = None if screen else DiskCache.if_offline(settings)
    opened = partial(
        open_for_viewing,
        timeout_s=settings.timeout_s,
        eager_bytes=settings.eager_bytes,
        streams=screen.streams() if screen else None,
        has_windows=_has_windows(record),
        disk=disk,
    )
    store = partial(open_store, where, timeout_s=settings.timeout_s, disk=disk)
    try:
        image = yield from opened(where, known=known)
    except NoPixels as found:
        return (yield from restored(where, found.layer_set, None, opened, store()))
    yield Progress("Preparing the layers")
    if record is not None and record.dimensions is not None:
        dimensions, differences = agreed(image, record.dimensions)
        record = record.model_copy(update={"dimensions": dimensions})
        warnings += differences
    image = replace(image, warnings=(*image.warnings, *warnings))
    described["record"] = record
    if image.layer_set.get("layers"):
        layers = yield from restored(
            where, image.layer_set, image, opened, store(), known, **described
        )
    else:
        layers = layer_tuples(image, **described)
    if screen is not None and screen.canvas is not None:
        expect_first_view(layers, screen.canvas)
    return layers


def _import_pixels() -> None:
    """Import the room for pixels as a whole, or wait until another thread has.

    A thread that imports a part of a package first may find it half imported by
    another one, and each would then wait for what the other one holds.
    """
    import_module("napari_cellib.pixels")


def _has_windows(record: ImageRecord | None) -> bool:
    """Say whether the record knows the contrast limits of every channel."""
    if record is None or record.dimensions is None:
        return False
    channels = record.dimensions.channels
    count = record.dimensions.sizes.get("c", 1)
    return len(channels) == count and all(channel.window for channel in channels)


def warnings_of(layers: list[LayerData]) -> tuple[str, ...]:
    """Return what the reader found odd about the image, each thing once."""
    found = (w for _, kwargs, _ in layers for w in _warnings(kwargs))
    return tuple(dict.fromkeys(found))


def _warnings(kwargs: dict[str, Any]) -> list[str]:
    warnings: list[str] = kwargs["metadata"]["cellib"]["warnings"]
    return warnings
