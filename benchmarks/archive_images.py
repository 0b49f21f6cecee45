"""Measure how images come from an archive's server, and are made ready to be seen.

usage: python benchmarks/archive_images.py

The files are as large as those of the Cell Image Library: a preview, and the median,
the ninth tenth and the largest hundredth of its OME-TIFF. They lie on a server in
another process that answers after 50 ms. Exits with 1 when a limit is missed.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import tifffile
from PIL import Image

from napari_cellib.demo.server import SlowServer
from napari_cellib.jobs import Progress, drive
from napari_cellib.library.fetching import ImageFile, fetch_image
from napari_cellib.library.image_cache import ImageCache
from napari_cellib.model import Representation

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

LATENCY_S = 0.05
PREVIEW_LIMIT_S = 1.0
MEMORY_LIMIT_MB = 500

# Name, axes and shape; pixels of 16 bits that hardly can be packed.
STACKS = (
    ("median.tif", "CYX", (3, 960, 960)),
    ("large.tif", "CYX", (3, 3080, 3080)),
    ("stack.tif", "ZYX", (60, 1024, 1024)),
    ("largest.tif", "TCYX", (20, 2, 1800, 1800)),
)


def main() -> int:
    """Fetch each file in a new process, then a small one beside a large one."""
    context = multiprocessing.get_context("spawn")
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_files(folder)
        ours, theirs = context.Pipe()
        server = context.Process(target=serve, args=(folder, theirs))
        server.start()
        url = ours.recv()
        print("file           MB  download s  made ready s  again ms  peak MB")
        for name in ("preview.jpg", *(stack[0] for stack in STACKS)):
            with context.Pool(1) as pool:
                found = pool.apply(fetched, (f"{url}/{name}", folder / "cache"))
            size = (folder / name).stat().st_size / 1e6
            print(
                f"{name:<12} {size:>4.1f} {found['download']:>11.2f} "
                f"{found['ready']:>13.2f} {found['again'] * 1000:>9.0f} "
                f"{found['peak_mb']:>8.0f}"
            )
            missed |= found["peak_mb"] > MEMORY_LIMIT_MB
        with context.Pool(1) as pool:
            beside = pool.apply(beside_a_large_one, (url, folder / "other"))
        print(f"preview while the largest one comes: {beside:.2f} s")
        ours.send("stop")
        server.join()
    print(f"limits: {PREVIEW_LIMIT_S} s, {MEMORY_LIMIT_MB} MB")
    return 1 if missed or beside > PREVIEW_LIMIT_S else 0


def make_files(folder: Path) -> None:
    """Write images of noise and structure, as microscopes have them."""
    random = np.random.default_rng(1)
    for name, axes, shape in STACKS:
        pixels = random.poisson(200, shape).astype("uint16")
        tifffile.imwrite(folder / name, pixels, ome=True, metadata={"axes": axes})
    noise = random.integers(0, 255, (640, 640), "uint8")
    Image.fromarray(noise).save(folder / "preview.jpg", quality=40)


def serve(folder: Path, connection: Connection) -> None:
    """Serve until told to stop."""
    with SlowServer(folder, latency_s=LATENCY_S) as server:
        connection.send(server.url)
        connection.recv()


def fetched(url: str, folder: Path) -> dict[str, Any]:
    """Fetch a file twice; return times and the peak of the memory."""
    import napari_cellib.pixels.converting  # noqa: F401 - is imported ahead in a panel

    process, times = psutil.Process(), {"peak": 0.0}

    def look(progress: Progress) -> None:
        times["peak"] = max(times["peak"], process.memory_info().rss)
        if progress.label.startswith("Making it ready"):
            times.setdefault("came", time.perf_counter())

    start = time.perf_counter()
    fetch(url, folder, look)
    end = time.perf_counter()
    fetch(url, folder, look)
    return {
        "download": times["came"] - start,
        "ready": end - times["came"],
        "again": time.perf_counter() - end,
        "peak_mb": times["peak"] / 1e6,
    }


def beside_a_large_one(url: str, folder: Path) -> float:
    """Return the seconds that the preview takes while the largest file comes."""
    import napari_cellib.pixels.converting  # noqa: F401 - is imported ahead in a panel

    begun = threading.Event()

    def look(progress: Progress) -> None:
        if progress.done:
            begun.set()

    large = threading.Thread(
        target=fetch, args=(f"{url}/{STACKS[-1][0]}", folder, look)
    )
    large.start()
    begun.wait()
    start = time.perf_counter()
    fetch(f"{url}/preview.jpg", folder, lambda _: None)
    seconds = time.perf_counter() - start
    large.join()
    return seconds


def fetch(url: str, folder: Path, look: Any) -> None:
    """Fetch a file into the cache."""
    file = Representation(role="interchange", url=url)
    cache = ImageCache(folder, 20_000_000_000)
    drive(fetch_image(ImageFile(url, "Image", file), cache, timeout_s=20), look)


if __name__ == "__main__":
    sys.exit(main())
