"""The ``cellib`` command."""

from __future__ import annotations

import argparse
import json
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from napari_cellib import (
    __version__,
    _annotations_cli,
    _cache_cli,
    _check_cli,
    _compare_cli,
    _convert_cli,
    _deposit_cli,
    _depositions_cli,
    _inspect_cli,
    _library_cli,
    _report,
    _save_cli,
    _search_cli,
    _similar_cli,
    _terms_cli,
    _verify_cli,
)
from napari_cellib.citing import STYLES
from napari_cellib.errors import CellibError
from napari_cellib.model import Address
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellib.library import LibraryImage, OpenLibrary

    Command = Callable[[argparse.Namespace, Settings], int]

EPILOG = """\
examples:
  cellib demo
  cellib search nuclei --field imaging_method=FBbi:00000246
  cellib show cellib://demo/CLB0000044 --cite bibtex
  cellib open cellib://demo/CLB0000044
  cellib terms complete mitoch --field cellular_component
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Words of the command line; the process's own by default.

    Returns
    -------
    int
        0 when all went well, 1 when there is nothing to show or something is
        wrong with the installation, 2 when the request could not be carried out,
        130 when it was interrupted.
    """
    _write_all_letters()
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments, Settings.load())
    except CellibError as error:
        if getattr(arguments, "json", False):
            _print_json({"error": {"message": error.what, "fix": error.fix}})
        sys.stderr.write(f"cellib: {_report.clean(str(error))}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\ncellib: stopped.\n")
        return 130
    except BrokenPipeError:  # `cellib search | head`
        sys.stderr.close()
        return 0


def _write_all_letters() -> None:
    """Let no letter of a title stop a command, whatever the system is set to.

    A file or another program gets UTF-8; a console, a question mark for what it lacks.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cellib",
        description="Search image libraries and open their images in napari.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="make the demo library and open napari")
    demo.set_defaults(command=_demo)
    demo.add_argument(
        "--tour", action="store_true", help="let the panel show itself, then leave"
    )
    demo.add_argument(
        "--build-only", action="store_true", help="make the library, open nothing"
    )
    demo.add_argument(
        "--fetch-only",
        action="store_true",
        help="get the packages that hold the pictures, to be ready without a network",
    )
    demo.add_argument(
        "--pictures", metavar="FOLDER", help="where the tour writes its pictures"
    )

    _search_cli.add_to(commands)

    show = commands.add_parser("show", help="print the record of an image")
    show.set_defaults(command=_show)
    show.add_argument("image", help="a number, or an address cellib://LIBRARY/NUMBER")
    show.add_argument(
        "--cite", choices=list(STYLES), help="print only the citation in this form"
    )
    _add_library(show)
    _add_json(show)

    opening = commands.add_parser("open", help="open images in napari")
    opening.set_defaults(command=_open)
    opening.add_argument(
        "images", nargs="+", help="numbers, cellib:// addresses, or OME-Zarr"
    )
    _add_library(opening)

    _inspect_cli.add_to(commands)
    _check_cli.add_to(commands)
    _compare_cli.add_to(commands)
    _similar_cli.add_to(commands)
    _verify_cli.add_to(commands)
    _library_cli.add_to(commands)
    _cache_cli.add_to(commands)
    _save_cli.add_to(commands)
    _convert_cli.add_to(commands)
    _deposit_cli.add_to(commands)
    _depositions_cli.add_to(commands)
    _annotations_cli.add_to(commands)
    _terms_cli.add_to(commands)

    doctor = commands.add_parser("doctor", help="say what is wrong here")
    doctor.set_defaults(command=_doctor)
    _add_json(doctor)
    return parser


def _add_library(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--library",
        metavar="NAME",
        help="name or folder of a library; all of yours when left out",
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def _demo(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib import _start

    if arguments.fetch_only:
        return _start.fetch(settings)
    return _start.demo(
        settings,
        tour=arguments.tour,
        build_only=arguments.build_only,
        pictures=arguments.pictures,
    )


def _show(arguments: argparse.Namespace, settings: Settings) -> int:
    name, record_id = _split(arguments.image, arguments.library)
    with _libraries(name, settings) as libraries:
        image = _image(libraries, record_id)
        if arguments.cite:
            _print(image.citation(arguments.cite))
        elif arguments.json:
            _print_json(image.record.model_dump(mode="json", exclude_none=True))
        else:
            _print("\n".join(_report.record_lines(image.record, image.library_name)))
    return 0


def _open(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib import _start

    places = {text: text for text in arguments.images}
    numbers = [text for text in places if "/" not in text and "\\" not in text]
    if numbers:
        with _libraries(arguments.library, settings) as libraries:
            found = {number: _image(libraries, number) for number in numbers}
            places |= {number: image.address for number, image in found.items()}
    return _start.open_in_napari(list(places.values()))


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from napari_cellib import doctor

    versions, problems = doctor.versions(), doctor.examine(settings)
    if arguments.json:
        listed = [problem.model_dump(mode="json") for problem in problems]
        _print_json({"versions": versions, "problems": listed})
    else:
        _print("\n".join(_report.doctor_lines(versions, problems)))
    return 1 if any(problem.severity == "error" for problem in problems) else 0


def _libraries(name: str | None, settings: Settings) -> OpenLibrary:
    """Open the library of that name, or all that the user has, as a search does."""
    from napari_cellib.library import open_libraries

    return open_libraries(*filter(None, [name]), settings=settings)


def _image(libraries: OpenLibrary, record_id: str) -> LibraryImage:
    image = libraries[record_id]
    sys.stderr.writelines(f"cellib: {text}\n" for text in image.warnings)
    return image


def _split(image: str, library: str | None) -> tuple[str | None, str]:
    """Take an address apart; a bare number belongs to `library`, if one is named."""
    if "://" not in image:
        return library, image
    address = Address.parse(image)
    return address.library, address.record


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _print_json(value: object) -> None:
    _print(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    sys.exit(main())
