"""Measure how much memory images take that are larger than it.

usage: python benchmarks/streaming_memory.py [--folder DIR]

One image of 40 GB, and one of 4 GB opened ten times, which makes 30 layers, are looked
at in a hundred places at full resolution. More comes than may be kept. Exits with 1
when the program takes more than is set aside for pixels, and half a gigabyte for the
pictures and textures of napari.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from streaming_data import CHUNK, Stack, make_large, make_stack
from streaming_runs import LOADERS, OURS, Loader, Windows, on_a_screen
from streaming_server import Served

SOURCE = Stack(3, 2, 1024, 3)  # of which all chunks are made
CASES = {
    "40 GB": (Stack(3, 100, 8192, 6), 1),
    "30 layers": (Stack(3, 40, 4096, 5), 10),
}
LIMIT_MB = 1000 + 500


def main() -> int:
    """Print the table; return 1 when too much was taken."""
    on_a_screen()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keeps the images for the next run")
    chosen = parser.parse_args()
    missed = False
    print(f"{'':<22}{'chunks':>9}{'unpacked MB':>13}{'most MB more':>14}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        make_stack(folder / "source", SOURCE)
        with Served(folder, latency_s=0) as server:
            for name, (stack, times) in CASES.items():
                image = f"{stack.side}.zarr"
                make_large(folder / image, stack, folder / "source")
                windows = Windows(server, image)
                for loader in LOADERS:
                    if loader.label in OURS:
                        missed |= wandered(name, windows, loader, times) > LIMIT_MB
    print(f"limit: {LIMIT_MB} MB")
    return int(missed)


def wandered(name: str, windows: Windows, loader: Loader, times: int) -> float:
    """Print what one loader takes, and return it, in MB."""
    with tempfile.TemporaryDirectory() as data:
        run, told = windows.run(loader, "wander", Path(data), times=times)
    if told["said"]:
        print(f"! {loader.label} said: {told['said'][-300:]}")
    came = sum(request["size"] > 10_000 for request in run.requests)
    unpacked = came * CHUNK**2 * 2 / 1e6
    most = run.memory / 1e6
    label = f"{name}, {loader.label}"
    print(f"{label:<22}{came:>9}{unpacked:>13.0f}{most:>14.0f}", flush=True)
    return most


if __name__ == "__main__":
    sys.exit(main())
