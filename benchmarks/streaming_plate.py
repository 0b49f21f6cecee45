"""Measure how long it takes until a plate of 384 wells is seen.

usage: python benchmarks/streaming_plate.py [--latency MS] [--rate MB/S]

Each well has a field of 1024 x 1024 pixels in two channels and five levels. The server
answers each request after 50 ms. Exits with 1 when the first picture takes more than
two seconds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import zarr
from streaming_data import LAYOUTS, Stack, make_stack
from streaming_runs import LOADERS, OURS, Windows, on_a_screen
from streaming_server import Served

ROWS = "ABCDEFGHIJKLMNOP"
COLUMNS = 24
FIELD = Stack(2, 1, 1024, 5)
LIMIT_S = 2.0


def make_plate(folder: Path) -> None:
    """Write one well, and let all others be links to it."""
    make_stack(folder / "field", FIELD)
    columns = [str(number) for number in range(1, COLUMNS + 1)]
    wells = [
        {"path": f"{row}/{column}", "rowIndex": y, "columnIndex": x}
        for y, row in enumerate(ROWS)
        for x, column in enumerate(columns)
    ]
    plate = {
        "version": "0.4",
        "name": "plate",
        "rows": [{"name": row} for row in ROWS],
        "columns": [{"name": column} for column in columns],
        "wells": wells,
    }
    place = folder / "plate.zarr"
    zarr.create_group(str(place), zarr_format=2, attributes={"plate": plate})
    well = {"version": "0.4", "images": [{"path": "0"}]}
    first = place / ROWS[0] / columns[0]
    zarr.create_group(str(place / ROWS[0]), zarr_format=2)
    zarr.create_group(str(first), zarr_format=2, attributes={"well": well})
    shutil.copytree(folder / "field" / f"{next(iter(LAYOUTS))}.zarr", first / "0")
    for column in columns[1:]:
        (place / ROWS[0] / column).symlink_to(columns[0], target_is_directory=True)
    for row in ROWS[1:]:
        (place / row).symlink_to(ROWS[0], target_is_directory=True)


def main() -> int:
    """Print the table; return 1 when the first picture comes late."""
    on_a_screen()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latency", type=int, default=50, help="ms")
    parser.add_argument("--rate", type=float, default=20, help="MB/s of all answers")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        make_plate(Path(temporary))
        line = Served(
            Path(temporary), latency_s=chosen.latency / 1000, rate=chosen.rate * 1e6
        )
        print(f"384 wells, {chosen.latency} ms a request, median of {chosen.rounds}")
        print(f"{'':<10}{'first, s':>9}{'all, s':>9}{'block, s':>9}{'requests':>9}")
        with line as server:
            windows = Windows(server, "plate.zarr")
            for loader in (one for one in LOADERS if one.label in OURS):
                rows = []
                for _ in range(chosen.rounds):
                    with tempfile.TemporaryDirectory() as data:
                        run, told = windows.run(loader, "glance", Path(data))
                    if told["said"]:
                        print(f"! {loader.label} said: {told['said'][-300:]}")
                    step = run.steps["open"]
                    times = [step[name] for name in ("first", "complete", "block")]
                    rows.append((*times, len(run.requests)))
                first, *others = map(statistics.median, zip(*rows, strict=True))
                missed |= first > LIMIT_S
                cells = "".join(f"{value:>9.2f}" for value in (first, *others[:2]))
                print(f"{loader.label:<10}{cells}{others[2]:>9.0f}", flush=True)
    print(f"limit: first picture after {LIMIT_S} s")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
