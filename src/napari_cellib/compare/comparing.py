"""Compare two images: the door for notebooks, the command line and the panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.compare import tables
from napari_cellib.compare.comparison import Comparison, compare_subjects
from napari_cellib.compare.groups import measure_group
from napari_cellib.compare.opening import open_subject
from napari_cellib.errors import ComparisonRefused
from napari_cellib.jobs import Job, Progress, drive
from napari_cellib.library.files import write_file
from napari_cellib.library.table import data_frame
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas

    from napari_cellib.compare.groups import ReferenceGroup, Score
    from napari_cellib.library import OpenLibrary


@dataclass(frozen=True, eq=False)
class Compared:
    """Two images compared, as a notebook holds them in its hands.

    Attributes
    ----------
    comparison : Comparison
        All numbers.
    group : ReferenceGroup or None
        The images among which the first was placed.
    scores : tuple of Score
        Where it lies among them.
    """

    comparison: Comparison
    group: ReferenceGroup | None = None
    scores: tuple[Score, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """How the images were made comparable, and in what they are not."""
        group = (self.group.in_words,) if self.group else ()
        return (*self.comparison.notes, *group)

    def measurements(self) -> pandas.DataFrame:
        """Return the quantities of both images, one per row; needs pandas."""
        rows = list(tables.measurement_rows(self.comparison))
        return data_frame(rows, tables.MEASUREMENTS)

    def metadata(self) -> pandas.DataFrame:
        """Return how both images were made, one fact per row; needs pandas."""
        return data_frame(list(tables.metadata_rows(self.comparison)), tables.METADATA)

    def in_group(self) -> pandas.DataFrame:
        """Return where the first image lies in the group, the most unusual first."""
        return data_frame(list(tables.score_rows(self.scores)), tables.SCORES)

    def save(self, path: Path) -> None:
        """Write a report page, or a table if the name ends in ``.csv``.

        Parameters
        ----------
        path : pathlib.Path
            A file; what was there is replaced.

        Raises
        ------
        ComparisonRefused
            When the name ends in ``.pdf``: pages are drawn by the panel only.
        StorageFull, LibraryReadOnly
            When it cannot be written.
        """
        drive(self.save_job(path))

    def save_job(self, path: Path) -> Job[None]:
        """Return the job that does what `save` does."""
        check_kind(path)
        yield Progress(f"Writing {path.name}")
        if path.suffix.lower() == ".csv":
            rows = tables.measurement_rows(self.comparison)
            text = tables.csv_of(rows, tables.MEASUREMENTS)
        else:
            from napari_cellib.compare.report import report_html

            text = report_html(self)
        yield Progress(f"Writing {path.name}")
        write_file(path, text.encode())

    def __repr__(self) -> str:
        a, b = self.comparison.a.name, self.comparison.b.name
        return "\n".join([f"<{a} beside {b}>", *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        from napari_cellib.compare.report import body_html

        return body_html(self)


def check_kind(path: Path) -> None:
    """See that a comparison can be written to such a file.

    Raises
    ------
    ComparisonRefused
        When the name ends in ``.pdf``: pages are drawn by the panel only.
    """
    if path.suffix.lower() == ".pdf":
        raise ComparisonRefused(
            "a PDF is drawn by the panel in napari only",
            fix="Save it as .html and print that, or save it from the panel.",
        )


def compare(
    image: Any,
    reference: Any,
    *,
    pixel_size_um: float | None = None,
    reference_pixel_size_um: float | None = None,
    same_field: bool = False,
    group: str | None = None,
    channel: str | None = None,
    library: OpenLibrary | None = None,
    settings: Settings | None = None,
    **known: Any,
) -> Compared:
    """Compare an image with a reference.

    Parameters
    ----------
    image, reference : array, str, pathlib.Path or LibraryImage
        Pixels; a file, an OME-Zarr or its address; or an image of a library.
    pixel_size_um, reference_pixel_size_um : float, optional
        Side of a pixel of each in micrometers, where the image does not say.
    same_field : bool, default: False
        Whether both show one and the same field: only then pixels are compared.
    group : str, optional
        Words or the link to a search in `library`: the image is placed among the
        images that it finds.
    channel : str, optional
        A part of the name of the channel that is placed there; the first by default.
    library : OpenLibrary, optional
        Where the group is searched.
    settings : Settings, optional
        Say where measurements of groups are kept; defaults to those of this user.
    **known
        What else is known of the first image: ``axes``, ``channels``, ``labels``,
        ``label``, ``region``, ``z``, ``t``, ``name``; see `open_subject`.

    Returns
    -------
    Compared
        Its `measurements`, `metadata` and `in_group` are tables of pandas.

    Raises
    ------
    ComparisonRefused
        When something that was asked for is not there.
    """
    mine = {"pixel_size_um": pixel_size_um, **known}
    other = {"pixel_size_um": reference_pixel_size_um}
    return drive(
        compare_job(
            (image, mine),
            (reference, other),
            same_field=same_field,
            group=(library, group) if library and group is not None else None,
            channel=channel,
            settings=settings or Settings.load(),
        )
    )


def compare_job(
    image: tuple[Any, Mapping[str, Any]],
    reference: tuple[Any, Mapping[str, Any]],
    *,
    settings: Settings,
    same_field: bool = False,
    group: tuple[OpenLibrary, str] | None = None,
    group_name: str | None = None,
    channel: str | None = None,
) -> Job[Compared]:
    """Return the job that compares two images; see `compare`.

    Parameters
    ----------
    image, reference : tuple
        What `open_subject` opens, and its options.
    settings : Settings
        Say how long to wait, and where measurements of groups are kept.
    same_field : bool, default: False
        Whether both show one and the same field.
    group : tuple of OpenLibrary and str, optional
        Where to search, and the words or the link to a search.
    group_name : str, optional
        What a person calls the group.
    channel : str, optional
        A part of the name of the channel that is placed there.

    Returns
    -------
    Compared
        All numbers.

    Yields
    ------
    Progress
        Step by step.
    """
    wait = settings.timeout_s
    mine = yield from open_subject(image[0], **image[1], timeout_s=wait)
    other = yield from open_subject(reference[0], **reference[1], timeout_s=wait)
    found = yield from compare_subjects(mine, other, same_field=same_field)
    if group is None:
        return Compared(found)
    measured, scores = yield from measure_group(
        *group, mine, settings, name=group_name, channel=channel
    )
    return Compared(found, measured, scores)
