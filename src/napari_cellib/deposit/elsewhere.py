"""What was said of a draft in another window, brought into the one that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.model.statement import Statements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.deposit.draft import Draft, Origin
    from napari_cellib.model import Annotation

_SAID = ("annotations", "statements")


@dataclass(frozen=True, slots=True)
class SaidElsewhere:
    """Statements that came to a draft, or went, while it was open here.

    Parameters
    ----------
    added : tuple of Annotation
        Terms that stand in the form now.
    gone : frozenset of str
        Keys of those that stood there, and do not any more.
    statements : Statements
        All else that was said.
    """

    added: tuple[Annotation, ...]
    gone: frozenset[str]
    statements: Statements

    @classmethod
    def between(cls, before: Draft, after: Draft) -> SaidElsewhere | None:
        """Return what was said between two states; None where more was changed."""
        if _without_said(before) != _without_said(after):
            return None
        old = {note.key for note in before.annotations}
        new = {note.key: note for note in after.annotations}
        return cls(
            added=tuple(note for key, note in new.items() if key not in old),
            gone=frozenset(old - set(new)),
            statements=after.statements,
        )

    def on(self, draft: Draft) -> Draft:
        """Return a draft with it; what is typed there stays."""
        kept = {n.key: n for n in draft.annotations if n.key not in self.gone}
        notes = {**kept, **{note.key: note for note in self.added}}
        others = draft.statements.with_all(self.statements).without(notes)
        return draft.typed(annotations=tuple(notes.values()), statements=others)


def _without_said(draft: Draft) -> Draft:
    origins: Mapping[str, Origin] = draft.origins
    left = {name: one for name, one in origins.items() if name not in _SAID}
    update = {"version": 0, "annotations": (), "statements": Statements()}
    return draft.model_copy(update={**update, "origins": left})
