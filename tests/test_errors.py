"""What must hold of every error that a user can act on."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil

import pytest

import napari_cellib
from napari_cellib import errors
from napari_cellib.errors import CellibError


def family(kind: type[CellibError]) -> list[type[CellibError]]:
    """Return `kind` and all classes below it."""
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


def branches(kind: type[CellibError], depth: int = 0) -> set[tuple[int, str, str]]:
    """Return (depth, parent, name) of each class below `kind`."""
    return {
        branch
        for child in kind.__subclasses__()
        if child.__module__.startswith(errors.__name__)
        for branch in {(depth + 1, kind.__name__, child.__name__)}
        | branches(child, depth + 1)
    }


def drawn_branches() -> set[tuple[int, str, str]]:
    """Return the same as `branches`, read from the drawing."""
    found, path = set(), []
    for line in (errors.__doc__ or "").splitlines():
        if not line.lstrip().startswith("* "):
            continue
        depth = (len(line) - len(line.lstrip())) // 4
        path[depth:] = [line.split()[1]]
        if depth:
            found.add((depth, path[depth - 1], path[depth]))
    return found


def example(kind: type[CellibError]) -> CellibError:
    """Make an error with an example for each argument that it must have."""
    needed = [
        parameter
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty
    ]
    return kind(
        **{
            one.name: 7.5 if one.annotation == "float" else f"some {one.name}."
            for one in needed
        }
    )


KINDS = family(CellibError)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    assert drawn_branches() == branches(CellibError)


def test_no_error_of_ours_is_defined_elsewhere():
    for module in pkgutil.walk_packages(napari_cellib.__path__, "napari_cellib."):
        if ".migrations." not in module.name:  # alembic runs these, nobody imports
            importlib.import_module(module.name)

    names = [kind.__name__ for kind in family(CellibError)]
    assert sorted(names) == sorted(errors.__all__)


@every_kind
def test_every_error_says_what_and_how_to_go_on_in_whole_sentences(kind):
    error = example(kind)

    assert error.what.endswith(".")
    assert error.fix.endswith(".")
    assert str(error) == f"{error.what} {error.fix}"


@every_kind
def test_no_error_is_swallowed_by_a_worker(kind):
    assert not issubclass(kind, RuntimeError)


@every_kind
def test_every_error_can_cross_a_process_boundary(kind):
    error = example(kind)
    twin = pickle.loads(pickle.dumps(error))

    assert (type(twin), str(twin), vars(twin)) == (kind, str(error), vars(error))


@every_kind
def test_every_error_has_a_docstring(kind):
    assert inspect.getdoc(kind)
    assert kind.__doc__ != CellibError.__doc__ or kind is CellibError
