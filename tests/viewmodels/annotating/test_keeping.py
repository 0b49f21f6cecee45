"""What was said of a draft is written into it, whoever else writes."""

from __future__ import annotations

from napari_cellib.annotate import saying
from napari_cellib.annotate.saying import Speaker
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.model.statement import Statements
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.annotating import keeping
from napari_cellib.viewmodels.libraries import Libraries


def test_a_draft_saved_elsewhere_meanwhile_gets_what_was_said_and_no_copy(
    tmp_path, monkeypatch
):
    settings = Settings(data_folder=tmp_path)
    Drafts(settings.drafts_folder).save(Draft(id="a" * 32, title="before"))
    hands = [lambda draft: draft.typed(title="typed elsewhere")]

    class Shared(Drafts):
        """Another window saves just after the draft was read here."""

        def open(self, id):
            draft = super().open(id)
            if hands:
                self.save(hands.pop()(draft))
            return draft

    monkeypatch.setattr(keeping, "Drafts", Shared)
    said = saying.remark(Speaker("Doe, Jane"), "The fold is torn")
    keeping.write_draft(Libraries(settings), "a" * 32, Statements(remarks=(said,)))

    (only,) = Drafts(settings.drafts_folder).all()
    draft = Drafts(settings.drafts_folder).open(only.id)
    assert (draft.id, draft.title) == ("a" * 32, "typed elsewhere")
    assert draft.statements.remarks == (said,)
