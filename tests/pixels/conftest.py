"""A server that can be told to fail, and small images to put on it."""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zarr
from tests.pixels.plates import write_plate

from napari_cellib.jobs import drive
from napari_cellib.pixels import load_whole, open_image, write_image
from napari_cellib.pixels.layers import layer_tuples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class FaultyHandler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.server.authorizations.append(self.headers.get("Authorization"))
        fault = self.server.fault_of(self.path)
        if fault == "hang":
            self.server.closing.wait(30)
            self.close_connection = True
        elif fault == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")
            self.close_connection = True
        elif isinstance(fault, int):
            self._answer(fault, b"")
        elif isinstance(fault, bytes):
            self._answer(200, fault)
        else:
            self.path = self.path.partition("?")[0]
            super().do_GET()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "file:///etc/hostname")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        # One packet per answer; two would wait for each other for 40 ms.
        super().end_headers()
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing: a test looks at `requests`."""


class FaultyServer(ThreadingHTTPServer):
    """Serves a folder on the loopback; `faults` maps a part of a path to a fault."""

    daemon_threads = True
    disable_nagle_algorithm = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(FaultyHandler, directory=folder))
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[str] = []
        self.authorizations: list[str | None] = []
        self.faults: dict[str, int | str | bytes] = {}
        self.closing = threading.Event()

    def fault_of(self, path: str) -> int | str | bytes | None:
        return next((f for part, f in self.faults.items() if part in path), None)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyServer]:
    """Serve `tmp_path` over HTTP."""
    server = FaultyServer(tmp_path)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def pixels() -> np.ndarray[Any, Any]:
    """Return an array of shape (2, 3, 600, 500) that no two planes share."""
    random = np.random.default_rng(20100)
    return random.integers(100, 40_000, (2, 3, 600, 500), "uint16")


@pytest.fixture
def stored(tmp_path: Path, pixels: np.ndarray[Any, Any]) -> Path:
    """Write `pixels` as OME-Zarr 0.5 with labels; return its folder."""
    labels = np.zeros(pixels.shape[1:], "uint16")
    labels[:, 100:200, 100:200] = 7
    folder = tmp_path / "cells.ome.zarr"
    drive(
        write_image(
            folder,
            pixels,
            axes="czyx",
            name="Cells",
            spacing_um={"z": 0.5, "y": 0.1, "x": 0.1},
            labels={"nuclei": labels},
        )
    )
    return folder


@pytest.fixture
def opened() -> Callable[..., Any]:
    """Open an image and wait for it."""

    def open_now(where: Path | str, timeout_s: float = 5.0) -> Any:
        return drive(open_image(where, timeout_s=timeout_s))

    return open_now


@pytest.fixture
def write_v2(tmp_path: Path) -> Callable[..., Path]:
    """Write arrays in zarr format 2 with any attributes: 0.4 and older, or broken."""

    def write(
        attributes: dict[str, Any],
        levels: dict[str, np.ndarray[Any, Any]],
        name: str = "old.zarr",
        **options: Any,
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        (folder / ".zattrs").write_text(json.dumps(attributes))
        for path, data in levels.items():
            array = zarr.create_array(
                str(folder / path),
                shape=data.shape,
                dtype=data.dtype,
                zarr_format=2,
                config={"write_empty_chunks": True},
                **({"chunks": data.shape} | options),
            )
            array[:] = data
        return folder

    return write


YX = [{"name": n, "type": "space", "unit": "micrometer"} for n in ("y", "x")]


@pytest.fixture
def v04():
    """Return a function that makes the attributes of an image of version 0.4."""

    def make(paths=("0",), axes=YX, **more):
        scale = [{"type": "scale", "scale": [0.3] * len(axes)}]
        datasets = [{"path": p, "coordinateTransformations": scale} for p in paths]
        image = {"version": "0.4", "axes": axes, "datasets": datasets}
        return {"multiscales": [image], **more}

    return make


@pytest.fixture
def edit():
    """Return a function that changes parts of a document."""

    def change(file, **changes):
        document = json.loads(file.read_text())
        file.write_text(json.dumps(document | changes))

    return change


@pytest.fixture
def make_plate(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a plate of wells A1, A2 ... into its folder."""
    return partial(write_plate, tmp_path)


@pytest.fixture
def shown(tmp_path, opened):
    """Write an image, open it and return the keyword arguments of its layers."""
    from napari.layers import Layer  # takes a while, and few need it

    def show(data, axes, load=True, record=None, **options):
        folder = tmp_path / f"image{len(list(tmp_path.iterdir()))}.ome.zarr"
        drive(write_image(folder, data, axes=axes, **options))
        image = opened(folder)
        tuples = layer_tuples(
            drive(load_whole(image)) if load else image, record=record
        )
        for layer in tuples:
            assert Layer.create(*layer).name == layer[1]["name"]
        return [kwargs for _, kwargs, _ in tuples]

    return show
