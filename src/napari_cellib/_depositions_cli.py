"""The words ``cellib depositions ...`` of the command line."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib._deposit_cli import add_json, depositions_of, print_json, print_line
from napari_cellib._progress_line import ProgressLine
from napari_cellib.errors import DepositionNotFound, DepositRefused, LibraryNotFound
from napari_cellib.jobs import drive
from napari_cellib.model.address import SCHEME

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from napari_cellib.deposit.depositions import Deposition, Depositions
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.settings import Settings

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    """Add ``depositions`` to the commands of the program."""
    listing = commands.add_parser(
        "depositions", help="list what you have deposited; go on with it, withdraw it"
    )
    verbs = listing.add_subparsers(required=True, metavar="VERB")
    showing = verbs.add_parser("list", help="list them, the last changed first")
    showing.set_defaults(command=_list)
    add_json(showing)

    resuming = verbs.add_parser("resume", help="go on with what is not done")
    resuming.set_defaults(command=_resume)
    resuming.add_argument("number", nargs="?", help="of an image; all by default")

    moved = verbs.add_parser("moved", help="say where a library is that was moved")
    moved.set_defaults(command=_moved)
    moved.add_argument("number", help="of an image in it")
    moved.add_argument("folder", type=Path, help="of the library")

    giving = verbs.add_parser("give-up", help="give up what is not in the library yet")
    giving.set_defaults(command=_give_up)
    giving.add_argument("number", help="of the image; its draft is kept")

    publishing = verbs.add_parser("publish", help="make public what was held back")
    publishing.set_defaults(command=_publish)
    publishing.add_argument("number", nargs="?", help="of the image")
    publishing.add_argument(
        "--due", action="store_true", help="all that were held until today, or before"
    )

    withdrawing = verbs.add_parser(
        "withdraw", help="withdraw an image; its record stays and says why"
    )
    withdrawing.set_defaults(command=_withdraw)
    withdrawing.add_argument("number", help="of the image")
    withdrawing.add_argument(
        "--reason", required=True, metavar="TEXT", help="why, for everybody to read"
    )


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    found = depositions_of(settings).all()
    if arguments.json:
        print_json(
            [
                {"id": one.id, "problem": one.problem}
                if one.deposition is None
                else one.deposition.model_dump(mode="json", exclude_none=True)
                for one in found
            ]
        )
        return 0
    for one in found:
        print_line(
            one.problem or "" if one.deposition is None else _row(one.deposition)
        )
    if not found:
        print_line("nothing was deposited yet")
    return 0


def _row(deposition: Deposition) -> str:
    from napari_cellib.deposit.depositions import Stage

    is_done = deposition.stage is Stage.DONE
    where = deposition.state.words if is_done else f"{deposition.stage.value}, not done"
    day = deposition.history[-1].at.date().isoformat()
    title = deposition.draft.title or ""
    return f"{deposition.library}/{deposition.record}  {day}  {where:<20}  {title}"


def _resume(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.deposit.depositing import carry_on
    from napari_cellib.deposit.depositions import Stage
    from napari_cellib.errors import CellibError

    depositions, shown, code = depositions_of(settings), ProgressLine(), 0
    if arguments.number:
        chosen = [_named(depositions, arguments.number)]
    else:
        listed = [one.deposition for one in depositions.all() if one.deposition]
        chosen = [one for one in listed if one.stage is not Stage.DONE]
    for deposition in chosen:
        try:
            with closing(_library_of(deposition, settings)) as library:
                drive(carry_on(depositions, deposition.id, library), shown.show)
            said = f"cellib://{deposition.library}/{deposition.record}"
        except CellibError as error:
            said, code = f"FAILED {deposition.record}\n       {error}", 1
        finally:
            shown.end()
        print_line(said)
    if not chosen:
        print_line("nothing is left to do")
    return code


def _moved(arguments: argparse.Namespace, settings: Settings) -> int:
    depositions, folder = depositions_of(settings), arguments.folder.resolve()
    found = depositions.moved(_named(depositions, arguments.number), folder)
    print_line(f"the library of {found:,} of your images is in {folder}")
    return 0


def _give_up(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.deposit.depositing import give_up

    depositions = depositions_of(settings)
    deposition = _named(depositions, arguments.number)
    said = "was given up; what was typed is among the drafts"
    try:
        return _take(give_up, deposition.id, settings, said)
    except LibraryNotFound:
        give_up(depositions, deposition.id, None)
        print_line(f"{deposition.record} {said}; its library was not there to be told")
        return 0


def _publish(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.deposit.depositing import due, lift
    from napari_cellib.errors import CellibError

    if arguments.due:
        code, depositions = 0, depositions_of(settings)
        for deposition in due(depositions):
            try:
                _take(lift, deposition.id, settings, "is public")
            except CellibError as error:
                print_line(f"FAILED {deposition.record}\n       {error}")
                code = 1
        return code
    if not arguments.number:
        raise DepositRefused(
            "nothing says which image", fix="Give its number, or --due for all."
        )
    return _take(lift, arguments.number, settings, "is public")


def _withdraw(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib.deposit.depositing import withdraw

    step = partial(withdraw, reason=arguments.reason)
    said = "is withdrawn; its record stays and says why"
    return _take(step, arguments.number, settings, said)


def _take(
    step: Callable[[Depositions, str, EmbeddedLibrary], object],
    number: str,
    settings: Settings,
    said: str,
) -> int:
    depositions = depositions_of(settings)
    deposition = _named(depositions, number)
    with closing(_library_of(deposition, settings)) as library:
        step(depositions, deposition.id, library)
    print_line(f"{deposition.record} {said}")
    return 0


def _named(depositions: Depositions, number: str) -> Deposition:
    """Return the deposition of a number, an address or an id."""
    found = []
    for one in depositions.all():
        if deposition := one.deposition:
            address = f"{deposition.library}/{deposition.record}"
            if number.removeprefix(SCHEME) in (one.id, deposition.record, address):
                found.append(deposition)
    if len(found) > 1:
        raise DepositRefused(
            f"several of your libraries have an image {number}",
            fix="Name it as the list does, with its library.",
        )
    if not found:
        raise DepositionNotFound(number)
    return found[0]


def _library_of(deposition: Deposition, settings: Settings) -> EmbeddedLibrary:
    """Open the library where it was, or where it is after it was renamed."""
    from napari_cellib.deposit.home import place_of
    from napari_cellib.library.embedded import EmbeddedLibrary

    if (place := place_of(settings, deposition)) is not None:
        return EmbeddedLibrary.open(place)
    fix = (
        "Connect its drive, or put its folder back. If it was moved, say where to "
        f"with 'cellib depositions moved {deposition.record} FOLDER'."
    )
    raise LibraryNotFound(deposition.place, fix=fix)
