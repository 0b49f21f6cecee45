"""A person types into the wizard, and the computer is switched off."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

TITLE = "Mitotic HeLa cells"


def main(folder: str) -> None:
    from napari.components import ViewerModel
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from napari_cellib._widgets.deposit_wizard.window import DepositWizard
    from napari_cellib.deposit.drafts import Drafts
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.depositing.pages import Page

    app = QApplication([])
    settings = Settings(data_folder=Path(folder))
    wizard = DepositWizard(ViewerModel(), settings, print)
    wizard.show()
    wizard.model.go(Page.WHAT)
    while wizard._started is None:
        app.processEvents()
    line = wizard._pages.page(Page.WHAT).fields["Title"].editor
    QTest.keyClicks(line, TITLE)
    drafts = Drafts(settings.drafts_folder)
    while not any(row.title == TITLE for row in drafts.all()):
        app.processEvents()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
