"""What a person has said so far of an image that is to be deposited.

A draft holds what was typed as it was typed, right or wrong, so that nothing is lost:
`checks/` says what is wrong, and `records.py` makes a strict record of it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import (
    Field,
    FiniteFloat,
    NonNegativeInt,
    PositiveInt,
    model_validator,
)

from napari_cellib.model import (
    Annotation,
    Assertion,
    Channel,
    CreditRole,
    Licence,
    Medium,
    Term,
    TermField,
)
from napari_cellib.model._base import Model, Sha256, Text, Typed
from napari_cellib.model.address import RecordId
from napari_cellib.model.dimensions import Axis, SpaceAxis
from napari_cellib.model.statement import Statements

if TYPE_CHECKING:
    from typing import Self


class Origin(StrEnum):
    """Where a value of a draft came from."""

    TYPED = "typed"
    FILE = "file"
    LAYER = "layer"
    RECORD = "record"
    TEMPLATE = "template"
    TABLE = "table"
    PROFILE = "profile"

    @property
    def label(self) -> str:
        """What a person reads beside the value."""
        return _ORIGIN_LABELS[self]


_ORIGIN_LABELS = {
    Origin.TYPED: "typed",
    Origin.FILE: "from the file",
    Origin.LAYER: "from the layer",
    Origin.RECORD: "from a former deposition",
    Origin.TEMPLATE: "from the template",
    Origin.TABLE: "from the table",
    Origin.PROFILE: "from your profile",
}


class DraftPerson(Model):
    """Somebody who had a part in the image."""

    name: Typed = None
    orcid: Typed = None
    affiliation: Typed = None
    roles: tuple[CreditRole, ...] = ()


class DraftFunding(Model):
    """Somebody who paid for the work."""

    funder: Typed = None
    award: Typed = None


class Refusal(Model):
    """A suggested term that a person said does not fit: it is suggested no more."""

    field: TermField
    term: Text = Field(description="its id")


class Source(Model):
    """A file, a folder or a layer that is to be deposited."""

    path: Text | None = Field(default=None, description="the file, or the OME-Zarr")
    layer: Text | None = Field(default=None, description="name of the layer in napari")
    size_bytes: NonNegativeInt | None = None
    digest: Sha256 | None = Field(
        default=None, description="of its content, once it was computed"
    )

    @model_validator(mode="after")
    def _is_something(self) -> Source:
        if not (self.path or self.layer):
            raise ValueError("a source is a file or a layer")
        return self

    @property
    def name(self) -> str:
        """What others will see of it: its name without the folders above."""
        if self.path is None:
            return self.layer or ""
        return self.path.replace("\\", "/").rstrip("/").rpartition("/")[2] or self.path


class Draft(Model):
    """An image on its way to a record; everything may still be missing.

    Attributes
    ----------
    version : int
        How often it was saved.
    annotations : tuple of Annotation
        The terms of the whole image that apply, as the form asks for them.
    statements : Statements
        All else that was said: of regions, of what is not there, and remarks. Nothing
        is in both.
    sizes : dict of str to int
        Length of each axis in pixels, slowest axis first.
    spacing_um : dict of str to float
        Pixel size in micrometers of each axis for which it is known.
    time_step_s : float, optional
        Time between images in seconds.
    origins : dict of str to Origin
        Where values came from, by the name of the field; a dot parts it from the
        axis, as in ``"spacing_um.z"``.
    """

    id: str = Field(default_factory=lambda: uuid4().hex, pattern=r"^[0-9a-f]{32}$")
    version: NonNegativeInt = 0

    title: Typed = None
    description: Typed = None
    study: RecordId | None = Field(default=None, description="id, of one that exists")
    study_title: Typed = None
    group: Typed = None
    annotations: tuple[Annotation, ...] = ()
    statements: Statements = Statements()
    refused: tuple[Refusal, ...] = ()

    specimen: Typed = None
    preparation: Typed = None
    instrument: Typed = None
    details: Typed = None
    medium: Medium | None = None
    imaged: Typed = None
    sizes: dict[Axis, PositiveInt] = Field(default_factory=dict)
    spacing_um: dict[SpaceAxis, FiniteFloat] = Field(default_factory=dict)
    time_step_s: FiniteFloat | None = None
    dtype: Typed = None
    rgb: bool = False
    channels: tuple[Channel, ...] = ()

    contributors: tuple[DraftPerson, ...] = ()
    funding: tuple[DraftFunding, ...] = ()

    licence: Licence | None = None
    embargo_until: Typed = None
    published: bool | None = Field(
        default=None, description="whether an article shows the image"
    )
    articles: tuple[str, ...] = Field(default=(), description="DOI or PubMed ids")

    version_of: RecordId | None = Field(
        default=None, description="id of the image that this is a new version of"
    )

    sources: tuple[Source, ...] = ()
    origins: dict[str, Origin] = Field(default_factory=dict)

    def typed(self, **values: Any) -> Self:
        """Return the draft with values that a person has entered or chosen.

        Parameters
        ----------
        **values : object
            New values by the names of the fields; they replace the old ones.
        """
        origins = dict(self.origins)
        for name, value in values.items():
            old, new = _flat(name, getattr(self, name)), _flat(name, value)
            for key in {**old, **new}:
                if key not in new:
                    origins.pop(key, None)
                elif new[key] != old.get(key):
                    origins[key] = Origin.TYPED
        return self._with(values, origins)

    def filled(self, origin: Origin, **values: Any) -> Self:
        """Return the draft with values where it has none; what is there stays.

        Parameters
        ----------
        origin : Origin
            Where the values came from.
        **values : object
            Values by the names of the fields. Of pixel sizes, only the axes that
            are missing are taken.
        """
        taken: dict[str, Any] = {}
        origins = dict(self.origins)
        for name, value in values.items():
            old = getattr(self, name)
            new: Any
            if isinstance(value, dict):
                new = {key: one for key, one in value.items() if key not in old}
                value = {**old, **new}
            else:
                new = value if self._is_empty(name, old) else None
            if not self._is_empty(name, new):
                taken[name] = value
                origins |= dict.fromkeys(_flat(name, new), origin)
        return self._with(taken, origins) if taken else self

    def filled_by(self, other: Draft) -> Self:
        """Return the draft with what `other` has and it lacks, but for the files.

        Values keep their origin; what was typed into a template is from the template.
        """
        by_origin: dict[Origin, dict[str, Any]] = {}
        for name in type(self).model_fields:
            if name not in _OF_ONE_DRAFT:
                origin = other.origins.get(name, Origin.TYPED)
                values = by_origin.setdefault(origin, {})
                values[name] = getattr(other, name)
        filled = self
        for origin, values in by_origin.items():
            is_typed = origin is Origin.TYPED
            filled = filled.filled(Origin.TEMPLATE if is_typed else origin, **values)
        return filled

    def annotated(self, field: TermField, *terms: Term) -> Self:
        """Return the draft with terms that its depositor gives the image."""
        said = Assertion(by="depositor")
        new = [Annotation(field=field, term=term, assertion=said) for term in terms]
        kept = [note for note in new if note not in self.annotations]
        return self.typed(annotations=(*self.annotations, *kept))

    def with_said(self, said: Statements) -> Self:
        """Return the draft with what was said of the layers that it is about.

        Terms of the whole image that apply at present join those of the form. What
        was said of other layers goes; what was said of the draft itself stays.

        Parameters
        ----------
        said : Statements
            All that was said.
        """
        holding = said.present.keys
        of_form = {
            note.key
            for note in said.annotations
            if note.region is None
            and note.status != "rejected"
            and (note.qualifier == "present" or note.key not in holding)
        }
        known = set(map(_named, self.annotations))
        new = tuple(
            note
            for note in said.annotations
            if note.key in of_form & holding and _named(note) not in known
        )
        is_typed = self.origins.get("statements", Origin.LAYER) is not Origin.LAYER
        kept = self.statements if is_typed else Statements()
        values: dict[str, Any] = {"statements": kept.with_all(said.without(of_form))}
        if new:
            values["annotations"] = (*self.annotations, *new)
        origins = dict(self.origins)
        if not is_typed:
            origins.pop("statements", None)
            origins |= {"statements": Origin.LAYER} if values["statements"] else {}
        if new and not self.annotations:
            origins["annotations"] = Origin.LAYER
        return self._with(values, origins)

    def terms(self, field: TermField) -> tuple[Term, ...]:
        """Return the terms of one field."""
        return tuple(note.term for note in self.annotations if note.field is field)

    @property
    def size_bytes(self) -> int | None:
        """Size of all files and layers in bytes, if all are known."""
        sizes = [source.size_bytes for source in self.sources]
        known = [size for size in sizes if size is not None]
        return sum(known) if known and len(known) == len(sizes) else None

    def _is_empty(self, name: str, value: object) -> bool:
        field = type(self).model_fields[name]
        default = field.get_default(call_default_factory=True, validated_data={})
        return value is None or bool(value == default)

    def _with(self, values: dict[str, Any], origins: dict[str, Origin]) -> Self:
        # Checked anew, unlike by `model_copy`: whatever is saved can be read again.
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_validate({**kept, **values, "origins": origins})


# What another draft cannot know of this one.
_OF_ONE_DRAFT = {
    "id", "version", "sizes", "dtype", "rgb", "sources", "origins", "version_of",
    "statements", "refused",
}  # fmt: skip


def _named(note: Annotation) -> tuple[TermField, str]:
    return note.field, note.term.id or note.term.name


def _flat(name: str, value: Any) -> dict[str, Any]:
    """Return the parts of a value by the keys under which their origins are kept."""
    if isinstance(value, dict):
        return {f"{name}.{part}": one for part, one in value.items()}
    return {} if value in (None, ()) else {name: value}
