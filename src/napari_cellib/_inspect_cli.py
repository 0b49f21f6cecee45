"""The word ``cellib inspect`` of the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from napari_cellib._report import clean
from napari_cellib.errors import PixelsUnreadable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_cellib.pixels.inspecting import Inspection
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_MOST_NAMED = 12


def add_to(commands: Commands) -> None:
    """Add ``inspect`` to the commands of the program."""
    inspect = commands.add_parser(
        "inspect", help="say what an OME-Zarr holds, and whether it is valid"
    )
    inspect.set_defaults(command=_inspect)
    inspect.add_argument(
        "place",
        help="a folder, an address, cellib://LIBRARY/NUMBER, or the attributes of a "
        "group as JSON",
    )
    inspect.add_argument(
        "--strict",
        action="store_true",
        help="count as invalid what breaks a recommendation, too",
    )
    inspect.add_argument("--json", action="store_true", help="print JSON for a script")


def _inspect(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.place.lstrip().startswith("{"):
        found = _judge_attributes(arguments.place, strict=arguments.strict)
        lines = _verdict(found)
    else:
        # Imported here: attributes alone are judged without reading arrays.
        from napari_cellib._cache_cli import locate
        from napari_cellib.jobs import drive
        from napari_cellib.pixels.disk_cache import DiskCache
        from napari_cellib.pixels.inspecting import inspect

        where = locate(arguments.place, settings)
        disk, wait = DiskCache.if_offline(settings), settings.timeout_s
        report = drive(inspect(where, timeout_s=wait, disk=disk))
        found = report.to_json(strict=arguments.strict)
        lines = _lines(report, found)
    text = (
        json.dumps(found, ensure_ascii=False)
        if arguments.json
        else "\n".join(map(clean, lines))
    )
    sys.stdout.write(f"{text}\n")
    return 0


def _judge_attributes(text: str, *, strict: bool) -> dict[str, Any]:
    from napari_cellib.pixels.validating.attributes import validate
    from napari_cellib.pixels.validating.faults import as_json, counting

    try:
        attributes = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PixelsUnreadable("the command line", "it is no JSON") from error
    faults = validate(attributes)
    reasons = counting(faults, strict=strict)
    return {
        "valid": not reasons,
        "message": "; ".join(reasons) or None,
        "faults": [as_json(fault) for fault in faults],
    }


def _verdict(found: dict[str, Any]) -> Iterator[str]:
    yield "valid" if found["valid"] else "not valid"
    for fault in found["faults"]:
        mark = "ERROR " if fault["required"] else "advice"
        yield f"{mark} {fault['where']} {fault['what']}"


def _lines(report: Inspection, found: dict[str, Any]) -> Iterator[str]:
    yield report.where
    version = found.get("version")
    known = f"OME-Zarr {version}" if version else "OME-Zarr of an unnamed version"
    yield f"{known}, {report.kind}" if report.kind != "unknown" else "no OME-Zarr"
    yield from _parts(found)
    yield from _pixels(found)
    for name in ("guessed", "warnings"):
        yield from (f"{name.removesuffix('s')}: {text}" for text in found[name])
    if report.error is not None:
        yield f"cannot be opened: {report.error}"
    yield from _verdict(found)


def _parts(found: dict[str, Any]) -> Iterator[str]:
    for key in ("wells", "fields", "series", "labels", "tables"):
        names = found.get(key) or []
        if names:
            more = ", ..." if len(names) > _MOST_NAMED else ""
            yield f"{len(names)} {key}: {', '.join(names[:_MOST_NAMED])}{more}"


def _pixels(found: dict[str, Any]) -> Iterator[str]:
    for axis in found.get("axes", ()):
        step = axis["spacing"]
        known = f"{step:g} {axis['unit']}" if step is not None else "step unknown"
        yield f"axis {axis['name']}: {known}"
    for level in found.get("levels", ()):
        shards = f", in shards of {_shape(level['shards'])}" if level["shards"] else ""
        codecs = ", ".join(level.get("codecs", ()))
        yield (
            f"level {level['path']}: {_shape(level['shape'])} {level['dtype']}, in "
            f"chunks of {_shape(level['chunks'])}{shards}{codecs and ', ' + codecs}"
        )
    for number, channel in enumerate(found.get("channels", ()), 1):
        window = channel.get("window")
        shown = f"{window['start']:g} to {window['end']:g}" if window else "no contrast"
        name, color = channel.get("name"), channel.get("color", "no colour")
        yield f"channel {number}: {name or 'no name'}, {color}, {shown}"


def _shape(lengths: list[int]) -> str:
    return " x ".join(map(str, lengths))
