"""Many images at once: what a table or some files would deposit, and doing it.

A plan tells all problems before anything begins. Each image is known again by its file,
so that a second run skips what is done and goes on with what was begun.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from napari_cellib.deposit.checks.content import check_content
from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.checks.found import advice, at, error
from napari_cellib.deposit.checks.metadata import check_metadata
from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.depositions import Deposition, Stage
from napari_cellib.deposit.draft import Draft, Origin, Source
from napari_cellib.deposit.holding import held_as, sizes_held, with_digests
from napari_cellib.deposit.measuring import measured
from napari_cellib.deposit.staging import seen
from napari_cellib.deposit.transfer import Patience
from napari_cellib.errors import (
    CarrierUnreachable,
    CellibError,
    FileChanged,
    FilesRefused,
    JobCancelled,
    LibraryReadOnly,
    RowsWrong,
    StorageFull,
)
from napari_cellib.jobs import Progress
from napari_cellib.model.problem import gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from napari_cellib.deposit.depositions import Depositions
    from napari_cellib.deposit.table import DraftTable
    from napari_cellib.jobs import Job
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import Problem

T = TypeVar("T")

# Whatever the image: the next one would fail in the same way.
_STOPS_ALL = (StorageFull, LibraryReadOnly, CarrierUnreachable, JobCancelled)
_MOST_NAMED = 20
# A drive that is away for longer will not come back by itself.
_PATIENCE = Patience(tries=6)


@dataclass(frozen=True)
class Plan:
    """What would be deposited.

    Attributes
    ----------
    drafts : dict of int to Draft
        What is to be deposited, by the number of its row; those begun before too.
    done : dict of int to Deposition
        What was deposited before.
    begun : frozenset of int
        Rows that were handed in before and are not done.
    wrong_rows : frozenset of int
        Rows with an error; nothing is done with them.
    problems : tuple of Problem
        All that was found, errors first.
    """

    drafts: dict[int, Draft]
    done: dict[int, Deposition]
    begun: frozenset[int]
    wrong_rows: frozenset[int]
    problems: tuple[Problem, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of the files that are to be deposited, as far as they are known."""
        return sum(draft.size_bytes or 0 for draft in self.drafts.values())


@dataclass
class Outcome:
    """What became of the rows of a plan.

    Attributes
    ----------
    deposited : dict of int to str
        Numbers of the images that came into the library now, by row.
    skipped : dict of int to str
        Numbers of those that were there before.
    failed : dict of int to CellibError
        Why others did not come; they can be tried again.
    """

    deposited: dict[int, str] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    failed: dict[int, CellibError] = field(default_factory=dict)


def drafts_of_files(files: Iterable[Path], base: Draft) -> dict[int, Draft]:
    """Return a draft for each file, numbered from 1, with what all have in common.

    Parameters
    ----------
    files : iterable of pathlib.Path
        Files, or OME-Zarr, each an image of its own.
    base : Draft
        What is said of all of them.
    """
    drafts = {}
    for number, path in enumerate(files, 1):
        size = path.stat().st_size if path.is_file() else None
        source = Source(path=str(path.resolve()), size_bytes=size)
        draft = Draft(sources=(source,)).filled_by(base)
        drafts[number] = draft.filled(Origin.FILE, title=path.name.partition(".")[0])
    return drafts


def plan_files(
    drafts: Mapping[int, Draft], depositions: Depositions, library: EmbeddedLibrary
) -> Job[Plan]:
    """Look at drafts of files, as `plan_table` does at those of a table."""
    found = [
        (number, problem)
        for number, draft in drafts.items()
        for problem in check_draft(draft)
    ]
    wrong = {number for number, one in found if one.severity == "error"}
    words = partial(_file_words, drafts)
    plan = _planned(drafts, wrong, found, (), depositions, library, words)
    return (yield from plan)


def plan_table(
    table: DraftTable, depositions: Depositions, library: EmbeddedLibrary
) -> Job[Plan]:
    """Say what a table would deposit; nothing is begun, and no image is opened.

    Parameters
    ----------
    table : DraftTable
        As `read_table` returns it.
    depositions : Depositions
        What was handed in before.
    library : EmbeddedLibrary
        Where the images are to be.

    Returns
    -------
    Plan
        What is to be done, and everything that is wrong.

    Yields
    ------
    Progress
        In rows.
    """
    known = table.problems
    wrong = set(table.wrong_rows)
    return (yield from _planned(table.drafts, wrong, [], known, depositions, library))


def deposit_all(
    plan: Plan,
    depositions: Depositions,
    library: EmbeddedLibrary,
    *,
    skip_wrong: bool = False,
) -> Job[Outcome]:
    """Deposit what a plan says, one image after another.

    What goes wrong with one image does not keep the others back. After a stop for any
    reason, a new plan goes on where this one was.

    Parameters
    ----------
    plan : Plan
        As `plan_table` or `plan_files` returns it.
    depositions : Depositions
        Where they are kept.
    library : EmbeddedLibrary
        Where the images are to be.
    skip_wrong : bool, default: False
        Whether to go on without the rows that have an error.

    Returns
    -------
    Outcome
        What became of each row.

    Yields
    ------
    Progress
        Of the image at work, with its number in front.

    Raises
    ------
    RowsWrong
        When a row has an error, and is not to be skipped; nothing is begun then.
    StorageFull, LibraryReadOnly, CarrierUnreachable
        When no image can be taken in.
    """
    if plan.wrong_rows and not skip_wrong:
        total = len(plan.drafts) + len(plan.done) + len(plan.wrong_rows)
        raise RowsWrong(len(plan.wrong_rows), total)
    outcome = Outcome(skipped={n: one.record for n, one in plan.done.items()})
    for place, (number, draft) in enumerate(plan.drafts.items(), 1):
        try:
            deposition = submit(depositions, draft, library)
            job = carry_on(depositions, deposition.id, library, patience=_PATIENCE)
            record = yield from _numbered(job, place, len(plan.drafts))
            outcome.deposited[number] = record.id
        except _STOPS_ALL:
            raise
        except CellibError as problem:
            outcome.failed[number] = problem
    return outcome


# ------------------------------------------------------------------------------ within


def _planned(
    drafts: Mapping[int, Draft],
    wrong: set[int],
    found: list[tuple[int, Problem]],
    known: tuple[Problem, ...],
    depositions: Depositions,
    library: EmbeddedLibrary,
    words: Callable[[list[int]], str] | None = None,
) -> Job[Plan]:
    sizes, held = sizes_held(library), held_as(library)
    todo: dict[int, Draft] = {}
    done: dict[int, Deposition] = {}
    begun = set()
    for row, (number, draft) in enumerate(drafts.items()):
        yield Progress("Looking at the files", row, len(drafts))
        if not draft.sources or number in wrong:
            continue
        try:
            draft = draft.model_copy(update={"id": _identity(draft, library)})
        except FilesRefused as refused:
            found.append((number, _refused(refused)))
            continue
        before = depositions.open(draft.id) if draft.id in depositions else None
        if before is not None:
            found += ((number, one) for one in _differences(draft, before))
            if before.stage is Stage.DONE:
                done[number] = before
                continue
            begun.add(number)
        else:
            told = {one.id for one in check_content(draft)}  # with the row
            draft = yield from measured(draft)
            try:
                draft = yield from with_digests(draft, sizes)
            except (FileChanged, FilesRefused) as refused:
                found.append((number, _refused(refused)))
            found += ((number, one) for one in _of_content(draft, held, told))
        todo[number] = draft
    wrong |= {number for number, one in found if one.severity == "error"}
    todo = {number: draft for number, draft in todo.items() if number not in wrong}
    too_much = list(_room(todo.values(), library))
    if too_much:
        wrong, todo = wrong | set(todo), {}
    problems = [*known, *gathered(found, words), *too_much]
    problems.sort(key=lambda problem: problem.severity != "error")
    return Plan(todo, done, frozenset(begun), frozenset(wrong), tuple(problems))


def _file_words(drafts: Mapping[int, Draft], numbers: list[int]) -> str:
    names = [drafts[number].sources[0].name for number in numbers]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _of_content(
    draft: Draft, held: Callable[[str], str | None], told: Collection[str]
) -> Iterator[Problem]:
    """Say what is odd about the files themselves, but for what is told already."""
    for problem in check_content(draft, held_as=held):
        if problem.id not in told:
            yield problem
    for source in draft.sources:
        if source.path:
            yield from check_metadata(Path(source.path))


def _refused(why: CellibError) -> Problem:
    return error("file-refused", at("sources"), why.what, why.fix)


def _differences(draft: Draft, before: Deposition) -> Iterator[Problem]:
    """Say that a row was changed since its image was handed in."""
    if _said(draft) != _said(before.draft):
        yield advice(
            "row-changed",
            "file",
            f"It was deposited as {before.record} with other words than these.",
            "Correct what is said of it there; the row is not read again.",
        )


def _said(draft: Draft) -> dict[str, object]:
    """Return what a draft says, but for what belongs to its file."""
    return draft.model_dump(exclude={"id", "version", "sources", "origins", "refused"})


def _room(drafts: Iterable[Draft], library: EmbeddedLibrary) -> Iterator[Problem]:
    size = sum(draft.size_bytes or 0 for draft in drafts)
    free = shutil.disk_usage(library.folder).free
    if size > free:
        yield error(
            "room-too-small",
            "all rows",
            f"Together they take {size / 1e9:.3g} GB, and the drive of the library "
            f"has room for {free / 1e9:.3g} GB.",
            "Make room on it, or deposit fewer at once.",
        )


def _identity(draft: Draft, library: EmbeddedLibrary) -> str:
    """Return the id of a deposition, by which a second run knows it again."""
    about = json.dumps([library.info.id, seen(draft)])
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def _numbered(job: Job[T], number: int, total: int) -> Job[T]:
    """Let a job say to which of many images it belongs."""
    try:
        while True:
            step = next(job)
            label = f"{number} of {total}: {step.label}"
            yield Progress(label, step.done, step.total)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        job.close()
