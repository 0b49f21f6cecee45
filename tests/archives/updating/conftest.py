"""A library of two images, and an archive that publishes more."""

from __future__ import annotations

import pytest

from napari_cellib.archives.importing import import_cil
from napari_cellib.jobs import drive

IDS = "/rest/public_ids"


@pytest.fixture(autouse=True)
def library(settings, tmp_path, invented, write_zip):
    """Make the library of a dump with two images."""
    dump = write_zip(tmp_path / "d.zip", {f"{n}.json": invented(n) for n in (901, 902)})
    drive(import_cil(settings, dump))
    return settings.libraries_folder / "cil"


@pytest.fixture
def publish(archive, invented):
    """Let images be public on the server, with documents as the service sends them."""

    def publish(*numbers, total=None, **core):
        hits = [{"_id": f"CIL_{number}"} for number in numbers]
        total = len(numbers) if total is None else total
        archive.says(IDS, {"hits": {"total": total, "max_score": 1.0, "hits": hits}})
        for number in numbers:
            archive.says(
                f"/rest/public_documents/CIL_{number}",
                {
                    "_index": "ccdbv8", "_type": "data", "_id": f"CIL_{number}",
                    "_version": 2, "found": True, "_source": invented(number, **core),
                },
            )  # fmt: skip

    return publish
