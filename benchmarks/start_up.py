"""Measure how long it takes until the panel can be used.

usage: python benchmarks/start_up.py [--runs N] [--from-nothing]

Each run is a new process, and the kinds of runs take turns, so that whatever else the
computer does meets all of them. Without a screen it runs under a virtual one.

--from-nothing also sets a copy of this checkout up with uv, without uv's cache and
without a library, and measures the time to the first picture of the tour. It fetches
everything anew, some hundred megabytes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
SCREEN = "-screen 0 1366x768x24"

# What all children share: the clock began when the parent started them.
COMMON = """
import json, os, sys, time
def since_start():
    return time.time() - float(os.environ["STARTED"])
def settle(seconds):
    from qtpy.QtWidgets import QApplication
    until = time.time() + seconds
    while time.time() < until:
        QApplication.processEvents()
        time.sleep(0.001)
def wait_for_cards(panel):
    from qtpy.QtWidgets import QApplication, QLabel
    label = panel.findChild(QLabel, "summary")
    while not label.text():
        QApplication.processEvents()
        time.sleep(0.0005)
def tell(to=sys.stdout, **seconds):
    to.write(json.dumps(seconds))
    to.flush()
"""

# `napari.run` is where the window starts to answer: there the clock is read.
NAPARI = """
import napari
from qtpy.QtCore import QTimer
viewer = napari.Viewer()
QTimer.singleShot(0, lambda: (tell(napari=since_start()), viewer.close()))
napari.run()
"""

DEMO = """
import napari
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication
def when_usable():
    widgets = QApplication.allWidgets()
    panel = next(w for w in widgets if type(w).__name__ == "SearchPanel")
    wait_for_cards(panel)
    tell(demo=since_start())
    napari.current_viewer().close()
def run(go_on=napari.run):
    QTimer.singleShot(0, when_usable)
    go_on()
napari.run = run
from napari_cellib import cli
sys.stdout = open(os.devnull, "w")  # `tell` has kept the real one
cli.main(["demo"])
"""

PANEL = """
import napari
from napari_cellib._start import dock_panel
viewer = napari.Viewer()
settle(1)
start = time.perf_counter()
panel = dock_panel(viewer)
docked = time.perf_counter() - start
wait_for_cards(panel)
tell(panel_docked=docked, panel_usable=time.perf_counter() - start)
viewer.close()
"""


def measured(code: str) -> dict[str, float]:
    """Run `code` in a new process and return the seconds that it tells."""
    environment = {**os.environ, "STARTED": repr(time.time())}
    done = subprocess.run(
        [sys.executable, "-c", COMMON + code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(f"a run ended with code {done.returncode}:\n{done.stderr}\n")
    if not done.stdout:
        sys.exit("a run measured nothing")
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def start_up(runs: int) -> bool:
    """Print how long napari and the panel take to start; say if all limits hold."""
    build = [sys.executable, "-m", "napari_cellib.cli", "demo", "--build-only"]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    for code in (NAPARI, DEMO, PANEL):
        measured(code)  # fills the disk's cache
    samples: dict[str, list[float]] = {}
    for _ in range(runs):
        for code in (NAPARI, DEMO, PANEL):
            for name, seconds in measured(code).items():
                samples.setdefault(name, []).append(seconds)

    median = {name: statistics.median(values) for name, values in samples.items()}
    ratio = median["demo"] / median["napari"]
    print(f"median of {runs} new processes each, Python {sys.version.split()[0]}")
    row("", "median s", "slowest s", "limit")
    rows = {
        "napari": ("napari alone, until its window answers", ""),
        "demo": ("cellib demo, until images are listed", "1.5 x"),
        "panel_docked": ("panel docked in a napari that is up", ""),
        "panel_usable": ("... and images listed", "1 s"),
    }
    for name, (label, limit) in rows.items():
        row(label, f"{median[name]:.2f}", f"{max(samples[name]):.2f}", limit)
    row("cellib demo / napari alone", f"{ratio:.2f}", "", "1.5")
    return ratio < 1.5 and median["panel_usable"] < 1


def from_nothing() -> bool:
    """Print how long it takes from a checkout to the first picture."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        checkout = _copy_of_the_checkout(home / "checkout")
        environment = {**os.environ, "UV_CACHE_DIR": str(home / "cache")}
        environment["CELLIB_DATA"] = str(home / "data")
        environment.pop("CELLIB_PACKAGES", None)
        start = time.perf_counter()
        subprocess.run(["scripts/setup"], cwd=checkout, env=environment, check=True)
        set_up = time.perf_counter() - start
        pictures = home / "pictures"
        tour = subprocess.Popen(
            [".venv/bin/cellib", "demo", "--tour", "--pictures", str(pictures)],
            cwd=checkout,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        while tour.poll() is None and not list(pictures.glob("*.png")):
            time.sleep(0.02)
        first_picture = time.perf_counter() - start
        if tour.wait() != 0:
            sys.exit("the tour failed")
        whole = time.perf_counter() - start
    row("from nothing, with uv", "s", "", "limit")
    row("set up", f"{set_up:.0f}", "", "")
    row("... first picture", f"{first_picture:.0f}", "", "180 s")
    row("... end of the tour", f"{whole:.0f}", "", "")
    return first_picture < 180


def _copy_of_the_checkout(folder: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().rstrip("\0").split("\0"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, target)
    return folder


def row(label: str, *cells: str) -> None:
    """Print one line of a table."""
    print(f"{label:<42}" + "".join(f"{cell:>11}" for cell in cells), flush=True)


def main() -> int:
    """Measure; return 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--from-nothing", action="store_true")
    chosen = parser.parse_args()
    has_screen = not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_screen and (xvfb := shutil.which("xvfb-run")):
        words = [xvfb, "-a", "-s", SCREEN, sys.executable, *sys.argv]
        os.execv(xvfb, words)
    with tempfile.TemporaryDirectory() as config:
        os.environ["NAPARI_CONFIG"] = str(Path(config) / "settings.yaml")
        good = start_up(chosen.runs)
    if chosen.from_nothing:
        good = from_nothing() and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
