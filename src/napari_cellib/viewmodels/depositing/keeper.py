"""Keeps a draft on the disk while it is written, from whatever thread has time."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.jobs import single_step

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import Drafts, Saving
    from napari_cellib.jobs import Job


class Keeper:
    """Saves the newest state of one draft.

    A save that was cancelled may have been written all the same. So it is here, and
    not with whoever waits for the answer, that the number of the version is known.

    Parameters
    ----------
    drafts : Drafts
        Where it is kept.
    draft : Draft
        As it is on the disk, or new.
    """

    def __init__(self, drafts: Drafts, draft: Draft) -> None:
        self._drafts = drafts
        self._newest = draft
        self._id, self._version = draft.id, draft.version
        self._is_kept = True
        self._is_over = False
        self._lock = Lock()  # one save at a time

    @property
    def is_kept(self) -> bool:
        """Whether there is nothing that must be brought to the disk."""
        return self._is_kept or self._is_over

    @property
    def newest(self) -> Draft:
        """The draft as it is now, by the number under which it is kept."""
        return self._newest.model_copy(
            update={"id": self._id, "version": self._version}
        )

    def note(self, draft: Draft) -> None:
        """Take over what was said; it is on the disk once `save` was called."""
        self._newest = draft
        self._is_kept = False

    def save(self) -> Saving | None:
        """Save what is not on the disk yet.

        Returns
        -------
        Saving or None
            None where there was nothing to save.

        Raises
        ------
        StorageFull, LibraryReadOnly
            When it cannot be written; it is tried again at the next call.
        """
        with self._lock:
            if self.is_kept:
                return None
            self._is_kept = True  # unless more is said meanwhile
            try:
                saving = self._drafts.save(self.newest)
            except BaseException:
                self._is_kept = False
                raise
            self._id, self._version = saving.draft.id, saving.draft.version
            return saving

    def job(self) -> Job[Saving | None]:
        """Return the job that saves."""
        return single_step("Saving the draft", self.save)

    def drop(self) -> None:
        """Forget what was typed, on the disk as well, and save no more."""
        with self._lock:
            self._is_over = True
            self._drafts.delete(self._id)

    def finish(self) -> None:
        """Save no more: the draft was handed in, and is kept elsewhere."""
        self._is_over = True
