"""Which column of a table is what: guessed from headings, kept for the next table."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from napari_cellib.deposit.fields import FIELDS
from napari_cellib.errors import TableUnreadable
from napari_cellib.library.files import write_file
from napari_cellib.model import TermField
from napari_cellib.model._base import Model
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What a column may be -> other headings under which people write it.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "file": (
        "files",
        "file name",
        "filename",
        "file names",
        "path",
        "image",
        "image file",
        "sources",
    ),
    "title": ("name", "image title", "image name"),
    "description": ("caption", "legend", "image description"),
    "study_title": ("study", "project", "dataset", "experiment", "study title"),
    "group": ("siblings", "group id", "sibling group"),
    "specimen": ("sample", "biosample", "specimen description"),
    "preparation": ("sample preparation", "preparation protocol", "protocol"),
    "instrument": ("microscope", "imaging instrument"),
    "details": ("further details", "notes", "technical details", "comments"),
    "medium": ("scanned from", "film"),
    "imaged": ("date of imaging", "acquired", "acquisition date", "date", "image date"),
    "pixel_size": ("pixel size xy", "pixelsize", "resolution"),
    "pixel_size_x": ("pixel size width", "x size"),
    "pixel_size_y": ("pixel size height", "y size"),
    "pixel_size_z": ("z step", "voxel depth", "z size", "z spacing"),
    "time_step": ("frame interval", "interval", "time interval"),
    "channels": ("channel", "channel names", "stains", "dyes"),
    "contributors": ("authors", "author", "contributor", "creator", "creators"),
    "orcid": ("orcid id", "orcids", "orcid ids"),
    "affiliation": ("institution", "institute", "affiliations"),
    "funding": ("grant", "grants", "funder"),
    "licence": ("license", "rights"),
    "embargo_until": ("embargo", "hold until", "release date", "embargo date"),
    "published": ("shown in an article", "is published"),
    "articles": ("article", "doi", "pmid", "publication", "publications", "pubmed id"),
    TermField.ORGANISM: ("species", "taxon", "organisms"),
    TermField.CELL_LINE: ("line", "cell lines"),
    TermField.CELLULAR_COMPONENT: ("component", "organelle", "cell component"),
    TermField.ANATOMY: ("tissue", "organ", "anatomical part"),
    TermField.IMAGING_METHOD: ("method", "modality", "imaging mode", "microscopy"),
    TermField.DEVELOPMENTAL_STAGE: ("stage", "age"),
}
TARGETS = tuple(dict.fromkeys([*_HEADINGS, *(field.value for field in TermField)]))


def label_of_target(target: str) -> str:
    """Return what a column is called in problems."""
    if target == "file":
        return FIELDS["sources"].label
    if target in FIELDS:
        return FIELDS[target].label
    if target in _SIZES:
        return FIELDS["spacing_um"].label
    if target in ("orcid", "affiliation"):
        return FIELDS["contributors"].label
    if target == "time_step":
        return FIELDS["time_step_s"].label
    return field_rules()[TermField(target)].title


_SIZES = ("pixel_size", "pixel_size_x", "pixel_size_y", "pixel_size_z")


class Columns(Model):
    """What each column is, by its heading; a column that is absent is not read.

    One that was said not to be read has an empty text.
    """

    columns: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def guessed(cls, headings: Sequence[str], said: Columns | None = None) -> Columns:
        """Return what the headings of a table seem to mean, but for what was said.

        Examples
        --------
        >>> Columns.guessed(["File name", "Species", "Pixel size (µm)", "Mood"]).columns
        {'File name': 'file', 'Species': 'organism', 'Pixel size (µm)': 'pixel_size'}
        """
        names = {
            _folded(name): target
            for target in reversed(TARGETS)
            for name in (target, label_of_target(target), *_HEADINGS.get(target, ()))
            if target not in _SIZES or name != label_of_target(target)
        }
        known = said.columns if said else {}
        found = {heading: known[heading] for heading in headings if heading in known}
        for heading in headings:
            target = names.get(_folded(heading))
            if heading not in found and target and target not in found.values():
                found[heading] = target
        return cls(columns=found)

    @classmethod
    def load(cls, path: Path) -> Columns:
        """Read what was saved.

        Raises
        ------
        TableUnreadable
            When it is no such file, or names what no column can be.
        """
        fix = "Remove it, and it is guessed and written anew."
        try:
            columns = cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            reason = "it does not say which column is what"
            raise TableUnreadable(path.name, reason, fix=fix) from error
        for target in columns.columns.values():
            if target and target not in TARGETS:
                reason = f"{target!r} is nothing that a column can be"
                fix = f"Choose among {', '.join(TARGETS)}."
                raise TableUnreadable(path.name, reason, fix=fix)
        return columns

    def save(self, path: Path) -> None:
        """Keep it for the next table; a person may change it in an editor."""
        text = json.dumps(self.model_dump(), ensure_ascii=False, indent=1)
        write_file(path, f"{text}\n".encode())


def _folded(heading: str) -> str:
    """Return a heading without case, unit and signs."""
    bare = re.sub(r"[(\[].*?[)\]]", " ", heading)
    bare = re.sub(r"[_\W]+", " ", bare.casefold()).strip()
    return re.sub(r" (?:um|µm|μm|nm|s|sec)$", "", bare)
