"""Keeps a draft on the disk while it is written, from whatever thread has time."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.jobs import single_step

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import Drafts, Saving
    from napari_cellib.deposit.elsewhere import SaidElsewhere
    from napari_cellib.jobs import Job


class Keeper:
    """Saves the newest state of one draft.

    A save that was cancelled may have been written all the same. So it is here, and
    not with whoever waits for the answer, that the number of the version is known.

    What was said of the image in another window meanwhile, as in the panel that
    annotates, is in what is kept. Whoever shows the draft looks for it in `elsewhere`.

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
        self._kept = draft  # as it is on the disk, so far as is known here
        self._elsewhere: tuple[SaidElsewhere, ...] = ()
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
        draft = self._newest
        for said in self._elsewhere:
            draft = said.on(draft)
        update = {"id": self._kept.id, "version": self._kept.version}
        return draft.model_copy(update=update)

    @property
    def elsewhere(self) -> tuple[SaidElsewhere, ...]:
        """What was said in other windows, and `shown` was not called of."""
        return self._elsewhere

    def shown(self, said: tuple[SaidElsewhere, ...]) -> None:
        """Know that this is in what was noted last: from now on it may be changed."""
        self._elsewhere = self._elsewhere[len(said) :]

    def note(self, draft: Draft) -> None:
        """Take over what was said; it is on the disk once `save` was called."""
        self._newest = draft
        self._is_kept = False

    def save(self, *, anew: bool = False) -> Saving | None:
        """Save what is not on the disk yet.

        Parameters
        ----------
        anew : bool, default: False
            Whether to do so although nothing was typed, so as to have what was said
            in other windows.

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
            is_there = anew and self._kept.id in self._drafts
            if self._is_over or (self._is_kept and not is_there):
                return None
            self._is_kept = True  # unless more is said meanwhile
            try:
                saving = self._drafts.save(self.newest, before=self._kept)
            except BaseException:
                self._is_kept = False
                raise
            self._kept = saving.draft
            if saving.elsewhere is not None:
                self._elsewhere = (*self._elsewhere, saving.elsewhere)
            return saving

    def job(self) -> Job[Saving | None]:
        """Return the job that saves."""
        return single_step("Saving the draft", self.save)

    def drop(self) -> None:
        """Forget what was typed, on the disk as well, and save no more."""
        with self._lock:
            self._is_over = True
            self._drafts.delete(self._kept.id)

    def finish(self) -> None:
        """Save no more: the draft was handed in, and is kept elsewhere."""
        self._is_over = True
