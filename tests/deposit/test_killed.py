"""Programs that are killed in the middle of a deposit, at moments that chance picks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest
import tifffile
from tests.deposit.conftest import contents, described, write_tree

from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.draft import Source
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import begin, status, transfer
from napari_cellib.deposit.verify import verify
from napari_cellib.jobs import drive
from napari_cellib.model import Query
from napari_cellib.pixels.image import open_image

KILLS = 50
ENDS = ("sealed", "done")
# Each line is written at once, and not mixed with that of another process.
BUFFERED = {**os.environ, "PYTHONUNBUFFERED": ""}

# One process becomes many: each child deposits until it is killed, so that only the
# first start pays for the imports.
SERVER = """
import os, sys
from pathlib import Path
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import transfer
for line in sys.stdin:
    journal, library = map(Path, line.split())
    child = os.fork()
    if child == 0:
        for progress in transfer(journal, EmbeddedCarrier(library)):
            print(progress.label.replace(" ", "-"), flush=True)
        print("sealed", flush=True)
        os._exit(0)
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("\\nended", flush=True)  # it may have died in the middle of a line
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs fork and kill -9")
def test_50_kills_lose_nothing_show_nothing_half_and_all_are_resumed(tmp_path, library):
    chance = random.Random(7)
    source = write_tree(tmp_path / "image.zarr", chunks=100, size=10_000)
    expected = contents(source)
    moments, resumed, number, kills = set(), 0, 0, 0
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=BUFFERED,
    )  # fmt: skip
    with server:
        while kills < KILLS:
            number += 1
            record, journal = f"R{number}", tmp_path / f"{number}.sqlite"
            begin(journal, record, {"pyramid.ome.zarr": source})
            place = library / "blobs" / record
            acknowledged = 0
            for _ in range(5):  # each deposit is killed up to five times
                moment = kill_at_random(server, journal, library, chance)
                if moment == "sealed":
                    break
                kills += 1
                moments.add(moment)
                found = status(journal)
                # What was acknowledged is never taken back.
                assert found.files_sent >= acknowledged
                acknowledged = found.files_sent
                if place.exists():
                    assert contents(place / "pyramid.ome.zarr") == expected
            drive(transfer(journal, EmbeddedCarrier(library)))
            resumed += 1
            assert contents(place / "pyramid.ome.zarr") == expected
            assert drive(verify(place)).ok
            for journal_file in tmp_path.glob(f"{number}.sqlite*"):
                journal_file.unlink()
            if number % 2:  # else all would be linked, and nothing sent
                for path in library.glob("objects.sqlite*"):
                    path.unlink()
        server.stdin.close()
    assert list((library / "deposits").iterdir()) == []
    assert resumed == number
    assert len(moments) >= 3, moments


# The same from the draft to the record: handed in, written, sent, registered.
WHOLE = """
import os, sys
from pathlib import Path
from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.depositions import Depositions
from napari_cellib.library import EmbeddedLibrary
import napari_cellib.pixels.conversion, napari_cellib.pixels.image
import napari_cellib.pixels.thumbnail
for line in sys.stdin:
    id, home = line.split()
    child = os.fork()
    if child == 0:
        library = EmbeddedLibrary.open(Path(home) / "home")
        depositions = Depositions(Path(home) / "depositions")
        print("handing-in", flush=True)
        if id not in depositions:
            submit(depositions, depositions.drafts.open(id), library)
        for progress in carry_on(depositions, id, library):
            print(progress.label.replace(" ", "-"), flush=True)
        print("done", flush=True)
        os._exit(0)
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("\\nended", flush=True)  # it may have died in the middle of a line
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs fork and kill -9")
def test_50_kills_between_draft_and_record_lose_nothing_and_show_nothing_half(
    tmp_path, home, depositions
):
    chance, kills, moments = random.Random(3), 0, set()
    picture = tmp_path / "cells.tif"
    pixels = np.random.default_rng(0).integers(0, 255, (6, 300, 300), dtype="uint8")
    tifffile.imwrite(picture, pixels, ome=True, metadata={"axes": "ZYX"})
    server = subprocess.Popen(
        [sys.executable, "-c", WHOLE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=BUFFERED,
    )  # fmt: skip
    count = 0
    with server:
        while kills < KILLS:
            count += 1
            draft = described(Source(path=str(picture)))
            depositions.drafts.save(draft)
            for _ in range(5):
                moment = kill_at_random(server, draft.id, tmp_path, chance, 28)
                if moment == "done":
                    break
                kills += 1
                moments.add(moment)
                # It is a draft still, or a deposition, and never neither.
                assert draft.id in depositions or depositions.drafts.open(draft.id)
                seen = home.search(Query()).total
                assert seen in (count - 1, count)
                if seen == count:
                    record = depositions.open(draft.id).record
                    assert drive(verify(home.blob_folder(record))).ok
            if draft.id not in depositions:
                submit(depositions, draft, home)
            record = drive(carry_on(depositions, draft.id, home))
            place = home.blob_folder(record.id)
            image = drive(open_image(place / "pyramid.ome.zarr"))
            assert np.array_equal(np.asarray(image.levels[0]), pixels)
            assert (place / "original" / "cells.tif").read_bytes() == (
                picture.read_bytes()
            )
            assert drive(verify(place)).ok
            assert home.search(Query()).total == count
            assert depositions.drafts.all() == ()
        server.stdin.close()
    assert list((home.folder / "deposits").iterdir()) == []
    assert len(moments) >= 6, moments


def kill_at_random(server, first, second, chance, most=14):
    """Let a child work on a deposit, kill it, and return what it was doing."""
    server.stdin.write(f"{first} {second}\n")
    server.stdin.flush()
    lines, wanted, child, last = [], chance.randrange(1, most), None, ""
    for line in server.stdout:
        word, _, rest = line.strip().partition(" ")
        if word == "ended":
            return last
        if not word:
            continue
        if word == "child":
            child = int(rest)
        else:
            last = word
            lines.append(word)
        if child and len(lines) >= wanted and word not in ENDS:
            time.sleep(chance.random() * 0.01)
            kill(child)
            wanted = 10**9
    raise AssertionError("the server died")


def kill(child):
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
