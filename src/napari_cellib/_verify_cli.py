"""The word ``cellib verify`` of the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib._progress_line import ProgressLine
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.deposit.verify import Verified
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_SHOWN = 20


def add_to(commands: Commands) -> None:
    """Add ``verify`` to the commands of the program."""
    verify = commands.add_parser(
        "verify", help="say whether the files of a deposited image are as they were"
    )
    verify.set_defaults(command=_verify)
    verify.add_argument(
        "place",
        metavar="FOLDER",
        help="a folder with a manifest.json, or cellib://LIBRARY/NUMBER",
    )
    verify.add_argument(
        "--zarr-checksum",
        action="store_true",
        help="print the checksum that DANDI would compute, too",
    )
    verify.add_argument("--json", action="store_true", help="print JSON for a script")


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.deposit.verify import verify

    folder, shown = _folder(arguments.place, settings), ProgressLine()
    found = drive(verify(folder, checksums=arguments.zarr_checksum), shown.show)
    shown.end()
    if arguments.json:
        facts = {
            "ok": found.ok,
            "folder": str(found.folder),
            "digest": found.digest,
            "files": found.files,
            "size_bytes": found.size,
            "missing": found.missing,
            "changed": found.changed,
            "extra": found.extra,
            "zarr_checksums": found.zarr_checksums,
        }
        text = json.dumps(facts, ensure_ascii=False, indent=2)
    else:
        text = "\n".join(_lines(found))
    sys.stdout.write(f"{text}\n")
    return 0 if found.ok else 1


def _folder(place: str, settings: Settings) -> Path:
    from napari_cellib.errors import LibraryWithoutFiles
    from napari_cellib.library import open_library
    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.model import Address
    from napari_cellib.model.address import SCHEME

    if not place.lower().startswith(SCHEME):
        return Path(place).expanduser()
    address = Address.parse(place)
    with open_library(address.library, settings=settings) as opened:
        record = opened.library.record(address.record)
        if not isinstance(opened.library, CataloguedLibrary):
            raise LibraryWithoutFiles(opened.info.location)
        return opened.library.blob_folder(record.id)


def _lines(found: Verified) -> Iterator[str]:
    named = {
        "missing": found.missing,
        "changed": found.changed,
        "extra  ": found.extra,
    }
    for what, keys in named.items():
        for key in keys[:_SHOWN]:
            yield f"{what} {key}"
        if len(keys) > _SHOWN:
            yield f"{what} ... and {len(keys) - _SHOWN:,} more"
    for root, checksum in found.zarr_checksums.items():
        yield f"zarr-checksum of {root}: {checksum}"
    wrong = len(found.missing) + len(found.changed) + len(found.extra)
    yield f"{found.files:,} files, {found.size:,} bytes, digest {found.digest}"
    yield f"{wrong:,} are wrong" if wrong else "all are as they were"
