"""Saves what is seen of a streamed image as a file, or keeps it for use offline."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QMenu, QPushButton, QSizePolicy, QWidget

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.viewmodels.keeping import keep_job, keepable
from napari_cellib.viewmodels.saving import parts, save_job

if TYPE_CHECKING:
    from napari_cellib._widgets._stream_watch import StreamWatch
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.keeping import KeptPart
    from napari_cellib.viewmodels.saving import Looked, SavedPart

_KINDS = {"OME-TIFF (*.ome.tif)": "ome.tif", "OME-Zarr (*.ome.zarr)": "ome.zarr"}
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST_NAME = 80


class SaveImageButton(QPushButton):
    """Offers parts of the image that is looked at, with their sizes.

    Parameters
    ----------
    watch : StreamWatch
        What knows what is looked at.
    settings : Settings
        How patient to be, and where chunks are kept.
    parent : QWidget
        Its parent.
    """

    started = Signal(str)  # what is being saved

    def __init__(
        self, watch: StreamWatch, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__("Save", parent)
        self.runner = JobRunner(self)
        self._watch = watch
        self._settings = settings
        self.setAccessibleName("Save what is seen as a file")
        self.setToolTip("Save what is seen, or more, with all channels")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._offer)
        self.setMenu(menu)

    def _offer(self) -> None:
        menu = self.menu()
        menu.clear()
        if (looked := self._watch.looked_at()) is None:
            menu.addAction("No image is loaded from a server").setEnabled(False)
            return
        for part in parts(looked):
            menu.addAction(part.words).triggered.connect(
                partial(self._ask, looked, part)
            )
        menu.addSeparator()
        offline = menu.addMenu("Keep for use without a network")
        for kept in keepable(looked):
            offline.addAction(kept.words).triggered.connect(
                partial(self._keep, looked, kept)
            )

    def _ask(self, looked: Looked, part: SavedPart, _: bool = False) -> None:
        """Ask for a new file, without holding up the window."""
        dialog = QFileDialog(self.window(), "Save as", str(Path.home()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # Nothing is written over: that is said when it is tried.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilters(list(_KINDS))
        dialog.setDefaultSuffix(_KINDS[dialog.selectedNameFilter()])
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix(_KINDS[kind])
        )
        dialog.selectFile(_file_name(looked.title))
        dialog.fileSelected.connect(partial(self._save, looked, part))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save(self, looked: Looked, part: SavedPart, target: str) -> None:
        self.started.emit(f"Saving {Path(target).name}")
        self.runner.start(save_job(self._settings, looked, part, Path(target)))

    def _keep(self, looked: Looked, part: KeptPart, _: bool = False) -> None:
        self.started.emit(f"Keeping {looked.title}")
        self.runner.start(keep_job(self._settings, looked, part))


def _file_name(title: str) -> str:
    return _NO_FILE_NAME.sub(" ", title).strip(" .")[:_LONGEST_NAME] or "image"
