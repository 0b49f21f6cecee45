"""All checks of one draft."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.content import check_content
from napari_cellib.deposit.checks.described import check_described
from napari_cellib.deposit.checks.image import check_image
from napari_cellib.deposit.checks.people import check_people
from napari_cellib.deposit.checks.private import check_private
from napari_cellib.deposit.checks.rights import check_rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem


def check_draft(
    draft: Draft,
    *,
    today: date | None = None,
    held_as: Callable[[str], str | None] | None = None,
    room_bytes: int | None = None,
) -> list[Problem]:
    """Say what a draft lacks and what is odd about it.

    No file is opened: what the pixels have to say is for `check_place`.

    Parameters
    ----------
    draft : Draft
        What was typed so far.
    today : datetime.date, optional
        Day that dates are compared with; that of the computer's clock by default.
    held_as : callable, optional
        Returns the number of the image that has the content of a digest, or None.
    room_bytes : int, optional
        Bytes that the library has room for.

    Returns
    -------
    list of Problem
        Errors first, then in the order in which the fields are asked. ``where``
        begins with the label of the field.
    """
    found = [
        *check_content(draft, held_as=held_as, room_bytes=room_bytes),
        *check_described(draft),
        *check_image(draft),
        *check_people(draft),
        *check_rights(draft, today or date.today()),
        *check_private(draft),
    ]
    return sorted(found, key=lambda problem: problem.severity != "error")
