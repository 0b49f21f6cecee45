"""A person types into the wizard, and the computer is switched off."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

TITLE = "Mitotic HeLa cells"


def main(folder: str, corrected: str = "") -> None:
    from napari.components import ViewerModel
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from napari_cellib._widgets.deposit_wizard.window import DepositWizard
    from napari_cellib.deposit.depositions import Depositions
    from napari_cellib.deposit.drafts import Drafts
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.depositing.pages import Page

    app = QApplication([])
    settings = Settings(data_folder=Path(folder))
    drafts = Drafts(settings.drafts_folder)
    draft = None
    if corrected:
        draft = Depositions(settings.depositions_folder).open(corrected).draft
    wizard = DepositWizard(
        ViewerModel(), settings, print, draft=draft, is_correction=bool(corrected)
    )
    wizard.show()
    wizard.model.go(Page.WHAT)
    while wizard._started is None:
        app.processEvents()
    line = wizard._pages.page(Page.WHAT).fields["Title"].editor
    line.selectAll()
    QTest.keyClicks(line, TITLE)
    kept = drafts.corrections if corrected else drafts
    while not any(row.title == TITLE for row in kept.all()):
        app.processEvents()
    QTest.keyClicks(line, ", and on")
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
