"""What could keep napari-cellib from working here, and how to mend it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, KeyNeeded, LibraryDamaged
from napari_cellib.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellib.library import DatabaseLibrary, EmbeddedLibrary
    from napari_cellib.settings import Settings

_NEEDED_BYTES = 500_000_000

# Library that Qt's X11 plugin links -> the Debian package that has it
_DEBIAN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}


def examine(settings: Settings) -> list[Problem]:
    """Look at the installation, the data folder and each library.

    Parameters
    ----------
    settings : Settings
        Says where the libraries are.

    Returns
    -------
    list of Problem
        Errors first. Nothing is changed.
    """
    problems = [
        *_qt_binding(),
        *_system_libraries(),
        *_manifest(),
        *_data_folder(settings.data_folder),
        *_terms(settings),
        *_libraries(settings),
        *_archive(settings),
    ]
    return sorted(problems, key=lambda problem: problem.severity != "error")


def versions() -> dict[str, str]:
    """Return the versions that a bug report should name."""
    names = ["napari-cellib", "napari", "npe2", "PyQt6", "PySide6-Essentials"]
    names += ["zarr", "obstore", "tantivy", "sqlalchemy", "pydantic", "numpy"]
    found = {"Python": sys.version.split()[0], "system": sys.platform}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def has_screen() -> bool:
    """Say whether a window can be opened here."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _qt_binding() -> Iterator[Problem]:
    if not any(importlib.util.find_spec(name) for name in ("PyQt6", "PySide6")):
        yield Problem(
            id="no-qt",
            where="this Python environment",
            message="There is no Qt, so napari cannot open a window.",
            fix='Type: pip install "napari-cellib[all]".',
        )
    if not has_screen():
        yield Problem(
            id="no-screen",
            severity="advice",
            where="this session",
            message="There is no screen.",
            fix="'cellib demo' makes its tour under a virtual one and writes pictures.",
        )


def _system_libraries() -> Iterator[Problem]:
    """Ask the linker what Qt's X11 plugin misses: Qt's own message misleads."""
    plugin = _xcb_plugin()
    if plugin is None or shutil.which("ldd") is None:
        return
    answer = subprocess.run(  # a fixed command on a file of our own environment
        ["ldd", str(plugin)], capture_output=True, text=True, check=False, timeout=30
    )
    missing = [
        line.split()[0] for line in answer.stdout.splitlines() if "not found" in line
    ]
    if missing:
        packages = sorted({_DEBIAN.get(name, name) for name in missing})
        yield Problem(
            id="qt-libraries",
            where="this system",
            message=f"Qt misses {', '.join(sorted(missing))}.",
            fix=f"On Debian or Ubuntu type: sudo apt-get install {' '.join(packages)}.",
        )


def _xcb_plugin() -> Path | None:
    if not sys.platform.startswith("linux"):
        return None
    for binding, plugins in (("PyQt6", "Qt6/plugins"), ("PySide6", "Qt/plugins")):
        spec = importlib.util.find_spec(binding)
        for place in (spec.submodule_search_locations or []) if spec else []:
            plugin = Path(place) / plugins / "platforms" / "libqxcb.so"
            if plugin.is_file():
                return plugin
    return None


def _manifest() -> Iterator[Problem]:
    from npe2 import PluginManifest

    found = [result.manifest for result in PluginManifest.discover()]
    if "napari-cellib" not in {manifest.name for manifest in found if manifest}:
        yield Problem(
            id="manifest",
            where="napari's list of plugins",
            message="napari does not find this plugin.",
            fix="Install napari-cellib into the same environment as napari.",
        )


def _data_folder(folder: Path) -> Iterator[Problem]:
    place = folder
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        yield Problem(
            id="data-folder",
            where=str(folder),
            message="Nothing can be written there, so no library can be made.",
            fix="Set CELLIB_DATA to a folder of your own.",
        )
    free = shutil.disk_usage(place).free
    if free < _NEEDED_BYTES:
        yield Problem(
            id="disk-space",
            severity="advice",
            where=str(folder),
            message=f"Only {free / 1e6:.0f} MB are free there.",
            fix="Free some space, or set CELLIB_DATA to a folder on another drive.",
        )


def _terms(settings: Settings) -> Iterator[Problem]:
    from napari_cellib.ontology.status import status

    state = status(settings)
    for problem in state.problems:
        yield Problem(
            id="terms",
            where=str(settings.terms_folder),
            message=problem,
            fix=f"{state.path} is used instead; type 'cellib terms update'.",
        )
    if state.outdated:
        yield Problem(
            id="terms-outdated",
            severity="advice",
            where=str(settings.terms_folder),
            message="The program has come with newer terms than those updated here.",
            fix="Type 'cellib terms update', or remove that folder to use them.",
        )


def _libraries(settings: Settings) -> Iterator[Problem]:
    from napari_cellib.library import DatabaseLibrary, EmbeddedLibrary, list_libraries
    from napari_cellib.library.handles import is_address

    names, default = list_libraries(settings), settings.default_library
    in_database = is_address(default)
    if not names and not in_database:
        yield Problem(
            id="no-library",
            severity="advice",
            where=str(settings.libraries_folder),
            message="There is no library yet.",
            fix="Type 'cellib demo' to make the demo library.",
        )
    for name in names:
        folder = settings.libraries_folder / name
        yield from _library(str(folder), partial(EmbeddedLibrary.open, folder))
    if in_database:  # whose address may hold a password
        where = "the default library"
        yield from _library(where, partial(DatabaseLibrary.open, default))


def _library(
    where: str, open: Callable[[], EmbeddedLibrary | DatabaseLibrary]
) -> Iterator[Problem]:
    try:
        with closing(open()) as library:
            problems = library.check()
    except LibraryDamaged as error:  # which would send a person here
        fix = "Restore it from a backup, or take it out of the folder of libraries."
        yield Problem(id="library", where=where, message=error.what, fix=fix)
    except CellibError as error:
        yield Problem(id="library", where=where, message=error.what, fix=error.fix)
    else:
        yield from problems


def _archive(settings: Settings) -> Iterator[Problem]:
    """Look at what a person must set to ask the archive; the archive is not asked."""
    from napari_cellib.archives.cil.key import find_key
    from napari_cellib.archives.updating import read_changes

    try:
        find_key(settings)
    except KeyNeeded as error:
        yield Problem(
            id="archive-key",
            where="the key to The Cell Image Library",
            message=error.what,
            fix=error.fix,
        )
    folder = settings.libraries_folder / "cil"
    if waiting := read_changes(folder).waiting:
        yield Problem(
            id="archive-changes",
            severity="advice",
            where=str(folder),
            message=f"{len(waiting):,} images of the last update are still to come.",
            fix="Type 'cellib library update cil' to go on.",
        )
