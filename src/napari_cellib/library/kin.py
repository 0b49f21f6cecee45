"""Images that belong together: those of one study, and those of one group."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, func, or_, select

from napari_cellib.library.tables import record, study
from napari_cellib.model import Study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

_AT_ONCE = 500  # databases bound the number of parameters


def akin(
    study_id: str | None, group: str | None, own_id: str | None = None
) -> ColumnElement[bool]:
    """Return what holds for the published records that belong to an image.

    A group may be named by the image that it began with. So another one can join an
    image that is in no group, and nobody has to change that one's record.

    Parameters
    ----------
    study_id, group : str, optional
        Of the image.
    own_id : str, optional
        Its id, where it has one by now.
    """
    groups = [name for name in (group, own_id) if name is not None]
    same: list[ColumnElement[bool]] = []
    if study_id is not None:
        same.append(record.c.study == study_id)
    if groups:
        same.append(record.c.group.in_(groups))
    if group is not None:
        same.append(record.c.id == group)
    return and_(or_(false(), *same), record.c.status == "published")


def studies(connection: Connection) -> tuple[Study, ...]:
    """Return all studies by title, each with the number of its images.

    Also those of which nobody has told more than their names, image by image.
    """
    told = {
        str(row.id): Study.model_validate_json(row.document)
        for row in connection.execute(select(study.c.id, study.c.document))
    }
    counted = (
        select(record.c.study, func.count().label("images"), func.min(record.c.number))
        .where(record.c.study.is_not(None))
        .group_by(record.c.study)
    )
    counts, firsts = {}, {}
    for study_id, images, first in connection.execute(counted):
        counts[str(study_id)] = int(images)
        if study_id not in told:
            firsts[int(first)] = str(study_id)
    for number, title in _titles(connection, list(firsts)):
        study_id = firsts[number]
        told[study_id] = Study(id=study_id, title=title or study_id)
    found = (
        one.model_copy(update={"image_count": counts.get(name, 0)})
        for name, one in told.items()
    )
    return tuple(sorted(found, key=lambda one: one.title.casefold()))


def _titles(
    connection: Connection, numbers: Sequence[int]
) -> Iterator[tuple[int, str | None]]:
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        question = select(record.c.number, record.c.document)
        for row in connection.execute(question.where(record.c.number.in_(some))):
            yield int(row.number), json.loads(row.document).get("study_title")
