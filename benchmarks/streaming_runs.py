"""Let napari windows run in processes of their own, and keep what they measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streaming_data import plane_of

if TYPE_CHECKING:
    from streaming_server import Served

# Headings; those with a + are with napari's own slicing in a thread, and the one with
# a - is ours without fetching anything ahead.
MEMORY, MEMORY_ASYNC = "memory", "memory +"
PEERS = ("peer", "peer +")
OURS = ("cellib", "cellib +")
NOT_AHEAD = "cellib -"
_LATE_S = 0.02  # after the last plane is asked for, nothing for others may come
_SCREEN = "-screen 0 1600x1100x24"
_WINDOW = Path(__file__).with_name("streaming_window.py")
_LONGEST_S = 300


@dataclass(frozen=True)
class Loader:
    """What opens the image.

    Attributes
    ----------
    label : str
        Its heading.
    name : str
        As `streaming_window.py` calls it.
    is_async : bool
        Whether napari slices in a thread.
    """

    label: str
    name: str
    is_async: bool


LOADERS = (
    Loader(MEMORY, "memory", is_async=False),
    Loader(MEMORY_ASYNC, "memory", is_async=True),
    Loader(PEERS[0], "napari-ome-zarr", is_async=False),
    Loader(PEERS[1], "napari-ome-zarr", is_async=True),
    Loader(OURS[0], "cellib", is_async=False),
    Loader(OURS[1], "cellib", is_async=True),
    Loader(NOT_AHEAD, "cellib-not-ahead", is_async=False),
)


@dataclass(frozen=True)
class Run:
    """One process: its steps, the requests that it made, and its memory in bytes."""

    steps: dict[str, dict[str, Any]]
    memory: float
    requests: list[dict[str, Any]] = field(repr=False)

    def asked(self, step: str) -> list[dict[str, Any]]:
        """Return the requests of a step, up to when all was right."""
        one = self.steps[step]
        until = (
            one["end"] if one["complete"] is None else one["since"] + one["complete"]
        )
        return [r for r in self.requests if one["start"] <= r["start"] <= until]

    def left_in_flight(self, step: str) -> int:
        """Count what came late, for planes that nobody looked at any more."""
        start, since = self.steps[step]["start"], self.steps[step]["since"]
        last = self.steps[step]["place"]
        return sum(
            start <= r["start"] < since
            and not r["dropped"]
            and (r["end"] is None or r["end"] > since + _LATE_S)
            # What was fetched ahead of the last plane is looked at.
            and (last is None or r["plane"] != last[0])
            for r in self.requests
        )

    def travelled(self, name: str) -> list[dict[str, Any]]:
        """Return the steps from plane to plane."""
        return [step for key, step in self.steps.items() if key.startswith(f"{name} ")]


@dataclass(frozen=True)
class Windows:
    """Starts windows that open one image of one server.

    Attributes
    ----------
    server : Served
        What serves the image.
    image : str
        Its name there.
    folder : pathlib.Path, optional
        Where its levels lie as arrays, to compare with.
    peer : str
        The peer's interpreter.
    """

    server: Served
    image: str
    folder: Path | None = None
    peer: str = ""

    def run(
        self, loader: Loader, mode: str, data: Path, **more: Any
    ) -> tuple[Run, dict[str, Any]]:
        """Let a loader do something; return what was measured and what it told.

        Parameters
        ----------
        loader : Loader
            What opens the image.
        mode : str
            What to do with it, as `streaming_window.py` calls it.
        data : pathlib.Path
            Folder for what is to be found again by the next process.
        **more : object
            More that the window is told.
        """
        out = data / "told.json"
        task = {
            "loader": loader.name,
            "url": f"{self.server.url}/{self.image}",
            "folder": str(self.folder or ""),
            "mode": mode,
            "out": str(out),
            **more,
        }
        environment = {
            **os.environ,
            "NAPARI_ASYNC": "1" if loader.is_async else "0",
            "NAPARI_CONFIG": str(data / "napari.yaml"),
            "CELLIB_DATA": str(data / "cellib"),
        }
        python = self.peer if loader.label in PEERS else sys.executable
        self.server.log()  # forgets what was asked before
        done = subprocess.run(
            [python, str(_WINDOW), json.dumps(task)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
        gone = time.monotonic()
        if not out.exists():
            sys.exit(f"{loader.label} measured nothing:\n{done.stderr}")
        told = json.loads(out.read_text("utf-8"))
        out.unlink()
        told |= {"gone": gone, "code": done.returncode, "said": done.stderr.strip()}
        requests = self.server.log()
        for one in requests:
            place = (one["path"], one["part"])
            one["plane"] = plane_of(self.folder, *place) if self.folder else None
        return Run(told["steps"], told["memory"], requests), told


def on_a_screen() -> None:
    """Start this program anew under a virtual screen, where there is none."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # napari starts slowly with it
    has_screen = not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_screen and (xvfb := shutil.which("xvfb-run")):
        os.execv(xvfb, [xvfb, "-a", "-s", _SCREEN, sys.executable, *sys.argv])
