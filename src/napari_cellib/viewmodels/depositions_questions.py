"""What is asked once, before something that cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.viewmodels.depositions_rows import Deed

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositions_rows import DepositionRow


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what comes of it, and what the button says that does it."""

    text: str
    why: str
    yes: str


def question_of(deed: Deed, row: DepositionRow) -> Question | None:
    """Return what has to be asked before a deed; None if it can be done at once."""
    if deed is Deed.GIVE_UP:
        return Question(
            f"Give “{row.title}” up?",
            f"What was sent so far is removed, and {row.accession} is not used again. "
            "It becomes a draft, with all that was typed. Your own files and layers "
            "stay as they are.",
            "Give up",
        )
    if deed is Deed.DELETE and row.is_draft:
        return Question(
            f"Delete the draft “{row.title}”?",
            "What was typed is lost. Your own files and layers stay as they are.",
            "Delete",
        )
    if deed is Deed.DELETE:
        return Question(
            f"Delete what is left of “{row.title}”?",
            "It cannot be read. Your own files stay as they are, and so does what is "
            "published already.",
            "Delete",
        )
    if deed is Deed.PUBLISH:
        return Question(
            f"Publish “{row.title}” now?",
            "It is public at once, and cannot be held back again.",
            "Publish",
        )
    return None


def about_damaged_correction(title: str, why: str) -> Question:
    """Return what is asked where what was typed to correct an image is damaged.

    Parameters
    ----------
    title : str
        Of the image.
    why : str
        Why it cannot be read.
    """
    return Question(
        f"Delete what was typed to correct “{title}”?",
        f"{why} Without it you begin again with what the record says.",
        "Delete and begin again",
    )
