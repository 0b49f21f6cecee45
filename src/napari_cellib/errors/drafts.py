"""What can be wrong with an image on its way into a library."""

from __future__ import annotations

from napari_cellib.errors.base import CellibError


class DraftNotFound(CellibError):
    """There is no draft of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no draft {name!r}.",
            fix="Look at the list of drafts; another program may have finished it.",
        )


class DraftUnreadable(CellibError):
    """The file of a draft, a template or a profile cannot be used."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The draft in {where} cannot be read: {reason}.",
            fix="Update napari-cellib if a newer one wrote it; it was left as it is.",
        )


class DraftIncomplete(CellibError):
    """A draft has errors that must be mended before it can be deposited."""

    def __init__(self, title: str, count: int, first: str) -> None:
        more = "1 thing" if count == 1 else f"{count} things"
        super().__init__(
            f"{title} cannot be deposited yet: {more} must be mended.",
            fix=first,
        )


class TableUnreadable(CellibError):
    """A table that should describe images cannot be used at all."""

    def __init__(self, where: str, reason: str, *, fix: str | None = None) -> None:
        super().__init__(
            f"The table {where} cannot be read: {reason}.",
            fix=fix or "Save it anew as CSV in UTF-8, with one row for each image.",
        )


class RowsWrong(CellibError):
    """Some of many images cannot be deposited, so none is begun."""

    def __init__(self, count: int, total: int) -> None:
        super().__init__(
            f"{count} of {total} images cannot be deposited, so none was begun.",
            fix="Mend what is listed, or leave them out with --skip-wrong.",
        )


class StatementsWrong(CellibError):
    """Some rows of a table of annotations are wrong, so none is taken in."""

    def __init__(self, count: int, total: int) -> None:
        super().__init__(
            f"{count} of {total} rows cannot be taken in, so none was.",
            fix="Mend what is listed, or leave them out with --skip-wrong.",
        )


class PatternInvalid(CellibError):
    """A pattern for the names of files cannot be understood."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(
            f"The pattern {pattern!r} cannot be used: {reason}.",
            fix="Write it as in {group}_{title}.tif, with * for any text.",
        )


class StepRefused(CellibError):
    """A deposition cannot take a step, or not by this person."""

    def __init__(self, step: str, reason: str, *, fix: str) -> None:
        super().__init__(f"It is not possible to {step}: {reason}.", fix=fix)
