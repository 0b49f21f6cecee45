"""Put what was measured into tables, beside what is asked for."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from streaming_runs import MEMORY, NOT_AHEAD, OURS, PEERS, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCRUB = "scrub"

# Of the neighbour's time, without and with async.
_RATIOS = {"plain": (0.33, 0.40), "sharded": (0.28, 0.38)}
_SECONDS = {
    50: {
        "z first": 0.25,
        "z": 0.40,
        "zoom first": 0.12,
        "zoom": 0.50,
        "pan": 0.33,
        "z full": 0.50,
    },
    100: {"open": 0.85, "z": 0.45},
}
_AHEAD_S = 0.09
_AHEAD_TIMES = 1.1  # at most, what zoom and pan take where something comes ahead
_BLOCK_S = 0.08
_BLOCK_OPENING_S = 0.05  # more than in memory
_SCRUB_S = 0.5
_FLOOR_TIMES = 1.1
_MORE_REQUESTS = 3


Columns: TypeAlias = "Mapping[str, list[Run]]"
Measure: TypeAlias = "Callable[[Run], float | None]"


def _seconds(step: str, what: str = "complete") -> Measure:
    return lambda run: run.steps[step][what]


def _ahead(name: str) -> Measure:
    def median(run: Run) -> float | None:
        times = [step["complete"] for step in run.travelled(name)]
        return None if None in times else statistics.median(times)

    return median


def _longest(what: str) -> Measure:
    others = ("open", _SCRUB)
    return lambda run: max(
        step[what] for name, step in run.steps.items() if name not in others
    )


# What each row says, how it is found, and with how many digits it is shown.
_ROWS: dict[str, tuple[str, Measure, int]] = {
    "open first": ("open: first picture, s", _seconds("open", "first"), 2),
    "open": ("... all channels right", _seconds("open"), 2),
    "open block": ("... longest block", _seconds("open", "block"), 2),
    "open work": ("... longest at work", _seconds("open", "work"), 2),
    "requests": ("... requests", lambda run: len(run.asked("open")), 0),
    "absent": (
        "... of them for what is absent",
        lambda run: sum(r["status"] == 404 for r in run.asked("open")),
        0,
    ),
    "z first": ("another plane: first picture, s", _seconds("z", "first"), 2),
    "z": ("... all right", _seconds("z"), 2),
    "z ahead": ("... the next one", _ahead("z ahead"), 2),
    "zoom first": ("zoom to 1:1: first picture, s", _seconds("zoom", "first"), 2),
    "zoom": ("... all right", _seconds("zoom"), 2),
    "pan": ("pan at 1:1: all right, s", _seconds("pan"), 2),
    "z full": ("another plane at 1:1: all right, s", _seconds("z full"), 2),
    "z full ahead": ("... the next one", _ahead("z full ahead"), 2),
    "block": ("longest block in these steps, s", _longest("block"), 2),
    "work": ("... longest at work", _longest("work"), 2),
    "scrub block": ("40 planes in 2 s: longest block", _seconds(_SCRUB, "block"), 2),
    "scrub work": ("... longest at work", _seconds(_SCRUB, "work"), 2),
    "scrub": ("... last one right after, s", _seconds(_SCRUB), 2),
    "left": ("... left in flight", lambda run: run.left_in_flight(_SCRUB), 0),
    "memory": ("most memory, MB more", lambda run: run.memory / 1e6, 0),
}


@dataclass(frozen=True)
class Floor:
    """What no loader can do without.

    Attributes
    ----------
    requests : int
        One per chunk that is shown, and per index of a shard.
    seconds : float
        Round trips and bytes.
    """

    requests: int
    seconds: float


def medians(runs: list[Run]) -> dict[str, float | None]:
    """Return the median of each row; None where a picture never was right."""
    found: dict[str, float | None] = {}
    for key, (_, measure, _) in _ROWS.items():
        values = [measure(run) for run in runs]
        numbers = [value for value in values if value is not None]
        complete = len(numbers) == len(values)
        found[key] = statistics.median(numbers) if complete else None
    return found


def limits(
    found: Mapping[str, Mapping[str, float | None]],
    layout: str,
    latency_ms: int,
    floor: Floor,
) -> dict[str, float]:
    """Return what ours may take at most, row by row."""
    most: dict[str, float] = dict(_SECONDS.get(latency_ms, {}))
    opening = [most["open"]] if "open" in most else []
    memory = found.get(MEMORY)
    if memory and memory["open"] and memory["open block"]:
        opening.append(_FLOOR_TIMES * (floor.seconds + memory["open"]))
        most["open block"] = memory["open block"] + _BLOCK_OPENING_S
    for label, ratio in zip(PEERS, _RATIOS[layout.partition("-")[0]], strict=True):
        if label in found and (theirs := found[label]["open"]):
            opening.append(ratio * theirs)
    if opening:
        most["open"] = min(opening)
    most["requests"] = floor.requests + _MORE_REQUESTS
    most |= {"z ahead": _AHEAD_S, "z full ahead": _AHEAD_S}
    most |= {"block": _BLOCK_S, "scrub block": _BLOCK_S, "scrub": _SCRUB_S, "left": 0}
    return most


def table(columns: Columns, layout: str, latency_ms: int, floor: Floor) -> list[str]:
    """Print the medians; return the rows in which ours misses its limit."""
    found = {label: medians(runs) for label, runs in columns.items()}
    most = limits(found, layout, latency_ms, floor)
    _line("", [*found, "limit"])
    missed = []
    for key, (label, _, digits) in _ROWS.items():
        cells = [_cell(values[key], digits) for values in found.values()]
        limit = most.get(key)
        _line(label, [*cells, "" if limit is None else _cell(limit, digits)])
        for ours in OURS:
            if ours in found and limit is not None:
                value = found[ours][key]
                # As it is printed: nobody measures the next digit.
                if value is None or round(value, digits) > round(limit, digits):
                    missed.append(f"{key} ({ours})")
    for theirs, ours in zip(PEERS, OURS, strict=True):
        if theirs in found and ours in found:
            _ratios(theirs, found[theirs], found[ours])
    _check_views(columns)
    if OURS[0] in found and NOT_AHEAD in found:
        for key in ("zoom", "pan"):
            mine, alone = found[OURS[0]][key], found[NOT_AHEAD][key]
            if mine is not None and alone and mine > _AHEAD_TIMES * alone:
                missed.append(f"{key}: {mine / alone:.2f} of {NOT_AHEAD}")
    return missed


def _ratios(
    label: str, theirs: Mapping[str, float | None], ours: Mapping[str, float | None]
) -> None:
    parts = []
    for key in ("open", "open block", "z", "zoom", "pan", "z full"):
        mine, its = ours[key], theirs[key]
        if mine is not None and its:
            parts.append(f"{key} {mine / its:.2f}")
    print(f"{label.replace('peer', 'cellib / peer')}: {', '.join(parts)}")


def _check_views(columns: Columns) -> None:
    """Say where loaders did not show the same part, so that times compare nothing."""
    for label, runs in columns.items():
        for run in runs:
            for name, step in run.steps.items():
                other = columns[MEMORY][0].steps[name] if MEMORY in columns else step
                # Plane and level; where a picture begins depends on its chunks.
                shown, wanted = ((one["place"] or [])[:2] for one in (step, other))
                if shown != wanted:
                    print(f"! {label}, {name}: showed {shown}, not {wanted}")


def _cell(value: float | None, digits: int) -> str:
    return "never" if value is None else f"{value:.{digits}f}"


def _line(label: str, cells: list[str]) -> None:
    print(f"{label:<34}" + "".join(f"{cell:>9}" for cell in cells), flush=True)
