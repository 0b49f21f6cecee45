"""Measure how much memory images take that are larger than it.

usage: python benchmarks/streaming_memory.py [--folder DIR]

One image of 40 GB, and ten of 4 GB with 30 layers together, are looked at in many
places at full resolution; more comes than may be kept. Beside it stands what napari
itself takes for as many layers of arrays. Exits with 1 when the program takes more
than that, what is set aside for pixels, and a quarter of a gigabyte.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from streaming_data import CHUNK, Stack, make_empty, make_large, make_stack
from streaming_runs import LOADERS, MEMORY, OURS, Windows, on_a_screen
from streaming_server import Served

SOURCE = Stack(3, 2, 1024, 3)  # of which all chunks are made
CASES = {
    "40 GB": (Stack(3, 100, 8192, 6), 1),
    "30 layers": (Stack(3, 40, 4096, 5), 10),
}
BUDGET_MB = 1000
MORE_MB = 250


def main() -> int:
    """Print the table; return 1 when too much was taken."""
    on_a_screen()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keeps the images for the next run")
    chosen = parser.parse_args()
    missed = False
    print(f"{'most MB':<12}{'napari':>9}{'cellib':>9}{'limit':>9}{'unpacked':>10}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        make_stack(folder / "source", SOURCE)
        with Served(folder, latency_s=0) as server:
            for name, (stack, times) in CASES.items():
                arrays = folder / f"{stack.side}"
                make_empty(arrays, stack)
                first = arrays / "0.zarr"
                make_large(first, stack, folder / "source")
                for number in range(1, times):
                    if not (link := arrays / f"{number}.zarr").exists():
                        link.symlink_to(first.name)
                windows = Windows(server, f"{arrays.name}/{{}}.zarr", arrays)
                alone, _ = wandered(windows, MEMORY, times)
                most, unpacked = wandered(windows, OURS[0], times)
                limit = alone + BUDGET_MB + MORE_MB
                missed |= most > limit
                cells = (alone, most, limit)
                row = "".join(f"{cell:>9.0f}" for cell in cells)
                print(f"{name:<12}{row}{unpacked:>10.0f}", flush=True)
    return int(missed)


def wandered(windows: Windows, label: str, times: int) -> tuple[float, float]:
    """Return what one loader takes at most, and what it unpacked, in MB."""
    loader = next(loader for loader in LOADERS if loader.label == label)
    with tempfile.TemporaryDirectory() as data:
        run, told = windows.run(loader, "wander", Path(data), times=times)
    if told["said"]:
        print(f"! {label} said: {told['said'][-300:]}")
    chunks = sum(request["size"] > 10_000 for request in run.requests)
    return run.memory / 1e6, chunks * CHUNK**2 * 2 / 1e6


if __name__ == "__main__":
    sys.exit(main())
