"""Measure how many planes of a stack are seen while it plays as a film.

usage: python benchmarks/streaming_film.py [--fps N] [--rate MB/S ...] [--folder DIR]

The stack of `streaming.py` plays once, from the first plane to the last, in a real
napari window. Of how many planes is something seen, and of how many all, pixel for
pixel? No program can have more of them complete than the network brings in that time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from streaming_data import CHUNK, Stack, make_stack
from streaming_runs import LOADERS, MEMORY, OURS, Windows, on_a_screen
from streaming_server import Served

LAYOUT = "plain.zarr"
LATENCY_S = 0.05


def play(session: Any, fps: float) -> None:
    """Play all planes once, and note what was seen of each."""
    session.go_to(0)
    session.heart.wait(3)
    del session.eye.frames[:-1]
    dims = session.viewer.window._qt_viewer.dims
    dims.play(0, fps=fps, loop_mode="once")
    session.heart.wait(session.planes / fps + 0.5)
    if dims.is_playing:
        dims.stop()
        session.heart.wait(0.2)
    seen, complete = set(), set()
    for frame in session.eye.frames:
        layers = [shown for shown in frame.layers if shown is not None]
        planes = {shown.place[0] for shown in layers}
        if len(planes) == 1 and len(layers) == len(frame.layers):
            seen |= planes
            if all(shown.right for shown in layers):
                complete |= planes
    last = session.eye.frames[-1].layers[0]
    session.steps["film"] = {
        "seen": len(seen),
        "complete": len(complete),
        "place": last.place,
        "size": last.size,
    }


def brought(folder: Path, stack: Stack, step: dict[str, Any]) -> float:
    """Return the bytes of one plane, as far as it is in the window."""
    _, level, top, left = step["place"]
    height, width = step["size"]
    rows = range(top // CHUNK, -(-(top + height) // CHUNK))
    columns = range(left // CHUNK, -(-(left + width) // CHUNK))
    plane = folder / LAYOUT / str(level)
    return sum(
        (plane / f"{channel}/1/{y}/{x}").stat().st_size
        for channel in range(stack.channels)
        for y in rows
        for x in columns
    )


def main() -> int:
    """Print the table."""
    on_a_screen()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keeps the image for the next run")
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--rate", type=float, nargs="+", default=[20, 100], help="MB/s")
    chosen = parser.parse_args()
    stack = Stack()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.folder or Path(temporary)) / "full"
        make_stack(folder, stack)
        print(f"{stack.planes} planes at {chosen.fps:g} a second")
        print(f"{'MB/s':<6}{'':<10}{'seen':>9}{'complete':>9}{'network':>9}")
        for rate in chosen.rate:
            line = Served(folder, latency_s=LATENCY_S, rate=rate * 1e6)
            with line as server:
                windows = Windows(server, LAYOUT, folder)
                for loader in LOADERS:
                    if loader.label not in (MEMORY, *OURS):
                        continue
                    with tempfile.TemporaryDirectory() as data:
                        run, _ = windows.run(loader, "film", Path(data), fps=chosen.fps)
                    step = run.steps["film"]
                    seconds = stack.planes / chosen.fps
                    most = seconds * rate * 1e6 / brought(folder, stack, step)
                    counts = f"{step['seen']:>9}{step['complete']:>9}"
                    print(
                        f"{rate:<6g}{loader.label:<10}{counts}"
                        f"{min(most, stack.planes):>9.0f}",
                        flush=True,
                    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
