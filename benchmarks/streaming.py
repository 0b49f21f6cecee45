"""Measure how a remote image with many levels comes onto the screen.

usage: python benchmarks/streaming.py [--peer-python PATH] [--quick] ...

A real napari window opens an image of 3 channels, 40 planes and 4096 x 4096 pixels
from a server in another process, which answers each request after 50 ms and sends 20
MB/s. Then it is looked at as a person would. Every picture is compared pixel for
pixel with what is stored; a step is complete when all channels are right.

Beside it stand the same image as arrays in memory, which is what napari itself takes
without and with its setting "async", and napari-ome-zarr, if there is an environment
for it:

    uv venv .venv-peer --python 3.13
    uv pip install --python .venv-peer/bin/python --compile-bytecode \
        "napari[pyqt6]" napari-ome-zarr aiohttp

Each run is a new process, and loaders take turns. Without a screen they run under a
virtual one. Exits with 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streaming_data import CHUNK, LAYOUTS, Stack, make_stack
from streaming_report import Floor, table
from streaming_runs import (
    LOADERS,
    MEMORY,
    OURS,
    PEERS,
    Loader,
    Run,
    Windows,
    on_a_screen,
)
from streaming_server import Served

PARTS = ("look", "again", "close")
CLOSE_LIMIT_S = 1.0
AGAIN_TIMES = 1.5
OTHERS_THREADS = ("zarr_io",)  # which lives as long as the program


@dataclass(frozen=True)
class Bench:
    """Runs loaders on one layout of the image, each time in a process of its own."""

    windows: Windows
    folder: Path
    stack: Stack
    layout: str
    out: Path | None = None

    def look_around(self, loaders: list[Loader], rounds: int) -> list[str]:
        """Let loaders take turns, and print the table; return what is missed."""
        columns: dict[str, list[Run]] = {loader.label: [] for loader in loaders}
        for _ in range(rounds):
            for loader in loaders:
                with tempfile.TemporaryDirectory() as data:
                    run, told = self.windows.run(loader, "look", Path(data))
                columns[loader.label].append(run)
                if told["said"]:
                    print(f"! {loader.label} said: {told['said'][-300:]}")
        if self.out is not None:
            runs = {k: [asdict(run) for run in v] for k, v in columns.items()}
            self.out.write_text(json.dumps(runs), "utf-8")
        first = next(iter(columns.values()))[0]
        latency_ms = round(self.windows.server.latency_s * 1000)
        return table(columns, self.layout, latency_ms, self._floor(first))

    def open_again(self, loaders: list[Loader], rounds: int) -> list[str]:
        """Print how long it takes to open the image once more, in a new process."""
        times: dict[str, list[float]] = {loader.label: [] for loader in loaders}
        asked: list[dict[str, Any]] = []
        with tempfile.TemporaryDirectory() as temporary:
            for number in range(rounds + 1):
                for loader in loaders:
                    data = Path(temporary) / loader.label
                    data.mkdir(exist_ok=True)
                    run, _ = self.windows.run(loader, "open", data)
                    if number == 0:
                        continue
                    times[loader.label].append(
                        run.steps["open"]["complete"] or float("inf")
                    )
                    asked += run.asked("open") if loader.label in OURS else []
        seconds = {label: statistics.median(values) for label, values in times.items()}
        said = ", ".join(f"{label} {value:.2f}" for label, value in seconds.items())
        fresh = sum(request["size"] > 0 for request in asked)
        print(f"opened again, s: {said}")
        print(f"... requests of cellib: {len(asked)}, that brought bytes: {fresh}")
        missed = [
            f"opened again ({label})"
            for label in OURS
            if MEMORY in seconds
            and round(seconds.get(label, 0), 2) > AGAIN_TIMES * seconds[MEMORY]
        ]
        return missed + ["requests of the second opening"] * bool(fresh)

    def close(self, loaders: list[Loader]) -> list[str]:
        """Print how a window closes while much is on its way."""
        missed = []
        for loader in loaders:
            with tempfile.TemporaryDirectory() as data:
                _, told = self.windows.run(loader, "close", Path(data))
            closing = told["close"]
            print(
                f"closed while loading, {loader.label}: {closing['seconds']:.2f} s, "
                f"process gone after {told['gone'] - closing['since']:.2f} s "
                f"with code {told['code']}; "
                f"threads left: {', '.join(closing['threads']) or 'none'}; "
                f"said: {told['said'][-300:] or 'nothing'}"
            )
            own = [name for name in closing["threads"] if name not in OTHERS_THREADS]
            bad = (
                closing["seconds"] > CLOSE_LIMIT_S
                or told["code"]
                or told["said"]
                or own
            )
            if loader.label in OURS and bad:
                missed.append(f"closing ({loader.label})")
        return missed

    def _floor(self, run: Run) -> Floor:
        """Work out what opening takes at least, of what the window showed."""
        shown = run.steps["open"]
        z, level, top, left = shown["place"]
        parts = [(level, top, left, *shown["size"])]
        if level < self.stack.levels - 1:  # its thumbnail
            parts.append((self.stack.levels - 1, 0, 0, 1, 1))
        channels = range(self.stack.channels)
        chunks = [
            self.folder / "plain.zarr" / "/".join(map(str, (number, channel, z, y, x)))
            for number, top, left, height, width in parts
            for channel in channels
            for y in range(top // CHUNK, -(-(top + height) // CHUNK))
            for x in range(left // CHUNK, -(-(left + width) // CHUNK))
        ]
        size = sum(chunk.stat().st_size for chunk in chunks)
        sharded = self.layout.startswith("sharded")
        trips = 2 + (not self.layout.endswith("consolidated")) + sharded
        indexes = len(parts) * len(channels) if sharded else 0
        seconds = trips * self.windows.server.latency_s + size / (
            self.windows.server.rate or size
        )
        return Floor(len(chunks) + indexes, seconds)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keeps the images for the next run")
    parser.add_argument("--quick", action="store_true", help="a small image, one round")
    choices = [f"{x}{y}" for x in LAYOUTS for y in ("", "-consolidated")]
    parser.add_argument("--layouts", nargs="+", choices=choices, default=list(LAYOUTS))
    parser.add_argument("--latency", type=int, nargs="+", default=[50], help="ms")
    parser.add_argument("--rate", type=float, default=20, help="MB/s of all answers")
    parser.add_argument("--rounds", type=int, default=3)
    labels = [loader.label for loader in LOADERS]
    parser.add_argument("--loaders", nargs="+", choices=labels, default=labels)
    parser.add_argument("--peer-python", default="", help="of the peer's environment")
    parser.add_argument("--out", type=Path, help="all steps and requests of the last")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    return parser.parse_args()


def main() -> int:
    """Measure; return 1 when a limit is missed."""
    on_a_screen()
    chosen = arguments()
    stack = Stack(3, 12, 2048, 4) if chosen.quick else Stack()
    rounds = 1 if chosen.quick else chosen.rounds
    loaders = [
        loader
        for loader in LOADERS
        if loader.label in chosen.loaders
        and (chosen.peer_python or loader.label not in PEERS)
    ]
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        name = "quick" if chosen.quick else "full"
        folder = (chosen.folder or Path(temporary)) / name
        make_stack(folder, stack)
        for layout in chosen.layouts:
            for latency_ms in chosen.latency:
                line = Served(
                    folder, latency_s=latency_ms / 1000, rate=chosen.rate * 1e6
                )
                with line as server:
                    windows = Windows(
                        server, f"{layout}.zarr", folder, chosen.peer_python
                    )
                    bench = Bench(windows, folder, stack, layout, chosen.out)
                    title = f"{layout}, {latency_ms} ms a request, {chosen.rate:g} MB/s"
                    print(f"\n{title}, median of {rounds}", flush=True)
                    if "look" in chosen.parts:
                        missed += bench.look_around(loaders, rounds)
                    own = [one for one in loaders if one.label in (MEMORY, *OURS)]
                    if "again" in chosen.parts:
                        missed += bench.open_again(own, rounds)
                    if "close" in chosen.parts:
                        missed += bench.close(own)
    print("missed: " + ("; ".join(missed) or "nothing"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
