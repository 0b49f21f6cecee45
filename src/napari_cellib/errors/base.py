"""What all errors have: what went wrong, and what to do about it."""

from __future__ import annotations


class CellibError(Exception):
    """Base of all errors that a user of napari-cellib can act on.

    Never derive from ``RuntimeError``: superqt's generator workers swallow it.

    Parameters
    ----------
    what : str
        What went wrong, in one sentence.
    fix : str
        What the reader can do next, in one sentence.
    """

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(f"{what} {fix}")
        self.what = what
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Let an error cross a process boundary although `fix` is keyword-only."""
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(
    kind: type[CellibError], args: tuple[object, ...], state: dict[str, object]
) -> CellibError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
