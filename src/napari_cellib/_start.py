"""Start napari with the panel: what ``cellib demo`` and ``cellib open`` do."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from napari_cellib.doctor import has_screen
from napari_cellib.errors import MissingExtra
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import napari
    from qtpy.QtWidgets import QWidget

    from napari_cellib.demo.build import DemoReport
    from napari_cellib.jobs import Progress
    from napari_cellib.settings import Settings

PLUGIN = "napari-cellib"
PANEL = "Cell Image Library"
SCREEN = "-screen 0 1366x768x24"


def demo(
    settings: Settings, *, tour: bool, build_only: bool, pictures: str | None
) -> int:
    """Make the demo library if it is not there, then open napari or make the tour.

    Parameters
    ----------
    settings : Settings
        Say where the library goes.
    tour : bool
        Let the panel show itself. Without a screen that is all that can be done.
    build_only : bool
        Open nothing.
    pictures : str or None
        Folder for the pictures of the tour.

    Returns
    -------
    int
        An exit code: 0, or 1 when the library has no images.
    """
    if not build_only and not has_screen():
        return _under_a_virtual_screen(pictures)
    report = _build(settings)
    if not report.added and not report.present:
        return 1
    if build_only:
        return 0
    if tour or pictures:
        from napari_cellib import _tour

        return _tour.run(settings, pictures)
    return open_in_napari([])


def open_in_napari(addresses: Sequence[str]) -> int:
    """Open napari with the panel docked, show images, and wait until it is closed."""
    if not has_screen():
        raise MissingExtra(
            "Opening napari without a screen", install="sudo apt-get install xvfb"
        )
    import napari

    viewer = napari.Viewer(title="napari · Cell Image Library")
    dock_panel(viewer)
    for address in addresses:
        viewer.open(address, plugin=PLUGIN)
    napari.run()
    return 0


def dock_panel(viewer: napari.Viewer) -> QWidget:
    """Dock the panel in a viewer, as its entry in the Plugins menu does."""
    _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
    widget: QWidget = panel
    return widget


def fetch(settings: Settings) -> int:
    """Get the packages that hold the demo's pictures; say which could not be had."""
    from napari_cellib.demo.images import demo_images
    from napari_cellib.demo.packages import fetch_packages

    names = sorted({image.package for image in demo_images()})
    refused = drive(fetch_packages(names, settings.packages_folder), _each_step())
    for name, reason in refused.items():
        sys.stdout.write(f"  {name} could not be had: {reason}\n")
    return 1 if refused else 0


def _each_step() -> Callable[[Progress], None]:
    """Return a function that prints each new label once."""
    last = ""

    def show(progress: Progress) -> None:
        nonlocal last
        if progress.label != last:
            last = progress.label
            sys.stdout.write(f"  {last}\n")
            sys.stdout.flush()

    return show


def _build(settings: Settings) -> DemoReport:
    from napari_cellib.demo.build import build_demo

    report = drive(build_demo(settings), _each_step())
    count = len(report.added) + len(report.present)
    sys.stdout.write(f"The demo library has {count} images: {report.folder}\n")
    for accession, reason in report.missing.items():
        sys.stdout.write(f"  {accession} was left out: {reason}\n")
    return report


def _under_a_virtual_screen(pictures: str | None) -> int:
    """Run the tour again inside Xvfb; this process becomes that one."""
    xvfb = shutil.which("xvfb-run")
    if xvfb is None:
        raise MissingExtra(
            "A tour without a screen", install="sudo apt-get install xvfb xauth"
        )
    command = [xvfb, "-a", "-s", SCREEN, sys.executable, "-m", "napari_cellib.cli"]
    command += ["demo", "--tour"]
    if pictures:
        command += ["--pictures", pictures]
    sys.stdout.write("There is no screen: the tour is made under a virtual one.\n")
    sys.stdout.flush()
    os.execv(xvfb, command)
