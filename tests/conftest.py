"""Guards around every test, and the folders that tests may read."""

from __future__ import annotations

import gc
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
import tifffile
import trustme
from tests.archive_server import Archive

from napari_cellib.demo.build import build_demo
from napari_cellib.deposit.draft import Draft, DraftPerson, Source
from napari_cellib.jobs import drive
from napari_cellib.model import Licence, Term, TermField
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.store import embedded_path
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qtpy.QtWidgets import QWidget

    from napari_cellib.ontology import Terms

CHECKOUT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker a screen of its own where the Makefile says so.

    Windows share one keyboard, so tests that show some cannot run beside one another on
    one screen. A worker's screen ends with the worker, also with one that is killed.
    """
    if not os.environ.get("CELLIB_OWN_SCREENS") or not hasattr(config, "workerinput"):
        return
    reading, writing = os.pipe()
    ends_with_us = ("setpriv", "--pdeathsig", "TERM")
    server = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24")
    screen = subprocess.Popen(
        [*ends_with_us, *server],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    config.add_cleanup(screen.wait)  # the last one that is added is done first
    config.add_cleanup(screen.terminate)
    if not number:
        pytest.exit("Xvfb did not start, so there is no screen for windows.", 1)
    os.environ["DISPLAY"] = f":{number}"


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what shows windows, and let tests with a real napari window come last.

    On PySide6 a closed napari window leaves its OpenGL context behind as the current
    one, and Qt then crashes when it destroys the window of a widget in a later test.
    """
    for item in items:
        if "qapp" in _fixtures(item) or "widgets" in item.path.parts:
            item.add_marker("screen")
    items.sort(key=lambda item: "make_napari_viewer" in _fixtures(item))


def _fixtures(item: pytest.Item) -> list[str]:
    names: list[str] = getattr(item, "fixturenames", [])  # a doctest has none
    return names


@pytest.fixture(autouse=True)
def own_data_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keep each test away from the libraries and passwords of whoever runs it."""
    folder = tmp_path_factory.mktemp("user") / "data"
    monkeypatch.setenv("CELLIB_DATA", str(folder))
    monkeypatch.delenv("CELLIB_LIBRARY", raising=False)
    monkeypatch.delenv("CELLIB_CIL_KEY", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return folder


@pytest.fixture(autouse=True)
def usual_collections() -> Iterator[None]:
    """Let a window that puts off Python's collections do so for its own test only."""
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)


@pytest.fixture(autouse=True)
def no_file_left_open(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Fail a test that leaves a file of its own open.

    Look for a store, a catalogue or an index that nothing closes. On Windows such
    a file could be neither moved nor deleted.
    """
    ours = str(tmp_path_factory.getbasetemp())
    before, failed = _open_files(ours), request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        return  # a failed test has said enough
    deadline = time.monotonic() + 2  # engines close from threads of their own
    while (left := _open_files(ours) - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    if left:
        gc.collect()  # an error that is kept holds on to the frames it came through
        left &= _open_files(ours)
    if left:
        pytest.fail(f"left open: {sorted(left)}")


def _open_files(folder: str) -> set[str]:
    return {
        file.path
        for file in psutil.Process().open_files()
        if file.path.startswith(folder)
    }


@pytest.fixture(autouse=True)
def no_widget_left_over(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a window or a parentless widget alive.

    Look for a signal that holds ``functools.partial(self.method)`` or
    ``lambda: self.method()``, and for a widget that ``qtbot.addWidget`` was not
    told of.
    """
    before, failed = _top_level_widgets(), request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        return
    left = _top_level_widgets() - before
    if "make_napari_viewer" in request.fixturenames:
        # It looks after napari's own windows, some of which outlive a viewer.
        left = {w for w in left if type(w).__module__.startswith("napari_cellib")}
    if left:
        pytest.fail(f"left over: {sorted(map(repr, left))}")


def _top_level_widgets() -> set[QWidget]:
    # Only a test that uses Qt has imported it, and only then is there an answer.
    widgets = sys.modules.get("qtpy.QtWidgets")
    if widgets is None or (app := widgets.QApplication.instance()) is None:
        return set()
    event = sys.modules["qtpy.QtCore"].QEvent.Type.DeferredDelete
    app.sendPostedEvents(None, event)
    app.processEvents()
    return set(app.topLevelWidgets())


@pytest.fixture
def shared_data() -> Path:
    """Return a folder with real records and images; skip where there is none."""
    named = os.environ.get("CELLIB_SHARED")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the folder that CELLIB_SHARED names, with real images")
    return folder


@pytest.fixture(scope="session")
def demo_packages() -> Path:
    """Return the folder with the packages that hold the demo's pictures."""
    named = os.environ.get("CELLIB_PACKAGES")
    folder = Path(named) if named else CHECKOUT / ".packages"
    if not folder.is_dir():
        pytest.skip("needs the pictures that 'cellib demo --fetch-only' gets")
    return folder


@pytest.fixture(scope="session")
def demo_data(
    demo_packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Return settings of a data folder that holds the whole demo library.

    It is made once: take it as something to read only.
    """
    settings = Settings(
        data_folder=tmp_path_factory.mktemp("demo"), packages_folder=demo_packages
    )
    report = drive(build_demo(settings))
    assert not report.missing
    return settings


@pytest.fixture(scope="session")
def terms() -> Iterator[Terms]:
    """Return the ontology terms that come with the program, open."""
    with open_terms(embedded_path()) as store:
        yield store


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the folder of this checkout."""
    return CHECKOUT


@pytest.fixture
def layers() -> list[tuple[Any, dict[str, Any], str]]:
    """Return a stack with points in it, as napari gives its layers to writers."""
    stack = np.random.default_rng(7).integers(0, 4000, (3, 48, 64), dtype=np.uint16)
    where = {"scale": (0.5, 0.1, 0.1), "units": ("um",) * 3}
    points = np.array([[0, 10, 20], [2, 30, 40]], float)
    return [
        (stack, {"name": "nuclei", **where}, "image"),
        (points, {"name": "centres", **where}, "points"),
    ]


@pytest.fixture
def draft_of_layers() -> Draft:
    """Return all that must be said of `layers` before they can be deposited."""
    fly = Term(id="NCBITaxon:7227", label="Drosophila melanogaster")
    confocal = Term(id="FBbi:00000251", label="confocal microscopy")
    said = Draft(
        title="Wing disc, third instar",
        description="Nuclei of a wing disc; look at the fold in the middle of it.",
        specimen="Wing disc",
        preparation="Fixed in formaldehyde, mounted in glycerol.",
        instrument="Confocal microscope, 40x oil.",
        sizes={"z": 3, "y": 48, "x": 64},
        spacing_um={"z": 0.5, "y": 0.1, "x": 0.1},
        contributors=(DraftPerson(name="Doe, Jane", orcid="0000-0002-1825-0097"),),
        licence=Licence(spdx="CC-BY-4.0"),
        published=False,
        sources=(Source(layer="nuclei"), Source(layer="centres")),
    )
    described = said.annotated(TermField.ORGANISM, fly)
    return described.annotated(TermField.IMAGING_METHOD, confocal)


@pytest.fixture
def table_of_images(tmp_path: Path) -> Path:
    """Return a table that describes two images beside it, and one badly."""
    heads = (
        "file,title,description,organism,imaging method,specimen,pixel size,"
        "preparation,instrument,contributors,licence,published"
    )
    said = (
        "Nuclei of a wing disc; look at the fold in the middle.,"
        "Drosophila melanogaster,confocal microscopy,Wing disc,0.13,"
        "Fixed in formaldehyde,Confocal 40x oil,Jane Doe,CC BY 4.0,no"
    )
    folder = tmp_path / "series"
    folder.mkdir()
    planes = np.random.default_rng(3).integers(0, 4000, (3, 40, 50), dtype=np.uint16)
    rows = [heads]
    for number, (title, plane) in enumerate(zip("AB ", planes, strict=True)):
        tifffile.imwrite(folder / f"disc_{number}.tif", plane)
        rows.append(f"disc_{number}.tif,{f'Wing disc {title}' * (number < 2)},{said}")
    table = folder / "metadata.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    return table


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Return a server for files of images, running."""
    server = Archive()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()


class OneAnswer(http.server.BaseHTTPRequestHandler):
    """Gives the one answer that its server has for everything."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value.replace("HERE", self.headers["Host"]))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return somebody whom nobody knows, who says who a server is."""
    return trustme.CA()


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Callable[..., str]]:
    """Return a function that starts a server, and returns its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(
        status: int,
        body: bytes = b"",
        *,
        tls: bool = True,
        asked: list[str] | None = None,
        **headers: str,
    ) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OneAnswer)
        server.answer = (status, headers, body)
        server.asked = [] if asked is None else asked
        server.handle_error = lambda *_: None  # clients hang up on such a server
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        servers.append(server)
        return f"http{'s' * tls}://127.0.0.1:{server.server_address[1]}/fbbi.obo"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def known(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let this computer know the authority."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def start_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what runs code in a process of its own, which ends with the test."""
    with ExitStack() as started:

        def start(code: str, *arguments: object) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield start


@pytest.fixture
def small_drive(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a drive of 4 MB."""
    folder = tmp_path / "drive"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "cellib", folder]
    if not shutil.which("mount") or os.geteuid() != 0:
        pytest.skip("needs the right to mount a small drive")
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small drive")
    yield folder
    subprocess.run(["umount", folder], check=True)
