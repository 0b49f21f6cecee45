"""Who sits here: what a person would otherwise type each time, kept on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from napari_cellib.library.files import write_file
from napari_cellib.model import Licence
from napari_cellib.model._base import Model, Typed

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "profile.json"


class Profile(Model):
    """What is remembered of a person."""

    name: Typed = None
    orcid: Typed = None
    affiliation: Typed = None
    licence: Licence | None = None


def read_profile(folder: Path) -> Profile:
    """Return what is remembered of the person; empty if nothing is, or it is damaged.

    Parameters
    ----------
    folder : pathlib.Path
        Where the person's drafts are.
    """
    try:
        return Profile.model_validate_json((folder / _NAME).read_bytes())
    except (OSError, ValidationError):
        return Profile()


def write_profile(folder: Path, profile: Profile) -> None:
    """Remember a person.

    Parameters
    ----------
    folder : pathlib.Path
        Where the person's drafts are.
    profile : Profile
        What to remember.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When it cannot be written.
    """
    text = profile.model_dump_json(exclude_defaults=True, indent=1)
    write_file(folder / _NAME, text.encode())
