"""The dock panel that searches a library and opens its images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Qt, QTimer, QUrl
from qtpy.QtGui import QDesktopServices, QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QShortcut,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._batch_dialog import annotate_many
from napari_cellib._widgets._depositions_door import (
    annotate_record,
    show_depositions,
    show_region,
    show_similar_to_record,
)
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib._widgets._quiet import spare, spare_no_more
from napari_cellib._widgets._record_page import RecordPage
from napari_cellib._widgets._result_page import ResultPage
from napari_cellib._widgets._save_image_button import SaveImageButton
from napari_cellib._widgets._stream_strip import StreamStrip
from napari_cellib._widgets._stream_watch import StreamWatch
from napari_cellib._widgets._term_hinter import TermHinter
from napari_cellib._widgets._thumbnails import Thumbnails
from napari_cellib._widgets._view_state import link_to_view
from napari_cellib._widgets._volume_box import VolumeBox
from napari_cellib._widgets._walk_bar import WalkBar
from napari_cellib.model.address import SCHEME, Address
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions import unfinished_job
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.record import record_job
from napari_cellib.viewmodels.search import SearchModel
from napari_cellib.viewmodels.search_state import Action
from napari_cellib.viewmodels.term_hints import TermHints
from napari_cellib.viewmodels.terms import SharedTerms
from napari_cellib.viewmodels.upkeep import update_terms_job

if TYPE_CHECKING:
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.files import FileChoice
    from napari_cellib.viewmodels.library_choice import Offer
    from napari_cellib.viewmodels.record import RecordModel


_SLOW_MS = 300  # after which a search is worth a word
_REST_MS = 2000  # before a page that could not be had is asked for again


class SearchPanel(QWidget):
    """Search a library, read about an image, open it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Where images are opened.
    libraries : Libraries, optional
        What is searched; the user's own libraries where it is left out.
    terms : SharedTerms, optional
        What is offered for the words; the terms that come with the program where
        it is left out.
    """

    def __init__(
        self,
        napari_viewer: Any,
        libraries: Libraries | None = None,
        terms: SharedTerms | None = None,
    ) -> None:
        super().__init__()
        self._libraries = libraries or Libraries(Settings.load())
        self._terms = terms or SharedTerms(self._libraries.settings)
        self._model = SearchModel(self._libraries)
        self._search_runner = JobRunner(self)
        self._more_runner = JobRunner(self)
        self._page_runner = JobRunner(self)
        self._demo_runner = JobRunner(self)
        self._terms_runner = JobRunner(self)
        self._adding_runner = JobRunner(self)
        self._reminder = JobRunner(self)
        self._opener = LayerOpener(napari_viewer, self._libraries, self)
        # Beside it, so that what is small never waits for a large file.
        self._large_opener = LayerOpener(
            napari_viewer, self._libraries, self, queues=True
        )
        self._watch = StreamWatch(napari_viewer, self._opener.host, self)
        memory = self._libraries.settings.memory_bytes
        self._volume = VolumeBox(self._watch, memory, self)
        self._save = SaveImageButton(self._watch, self._libraries.settings, self)
        thumbnails = Thumbnails(self._libraries, self)
        self._thumbnails = thumbnails
        self._results = ResultPage(self._model, thumbnails, self)
        self._hints = TermHints(self._libraries, self._terms)
        self._hinter = TermHinter(self._hints, self._model, self._results.line)
        self._record = RecordPage(thumbnails, self)
        self.walk = WalkBar(napari_viewer, self._libraries, thumbnails, self)
        self._pages = QStackedWidget(self)
        self._bars = {
            runner: JobBar(runner, self)
            for runner in (
                self._opener.runner,
                self._large_opener.runner,
                self._page_runner,
                self._more_runner,
                self._demo_runner,
                self._terms_runner,
                self._adding_runner,
                self._reminder,
                self._watch.runner,
                self._volume.runner,
                self._save.runner,
                self._results.chosen.runner,
            )
        }
        self._viewer = napari_viewer
        self._is_ready = False  # for a first image to be opened
        self._slow = _single_shot(self, _SLOW_MS)
        self._rest = _single_shot(self, _REST_MS)
        self._lay_out()
        self._connect_pages()
        self._connect_runners()
        self.destroyed.connect(self._libraries.shut)
        self.destroyed.connect(self._terms.shut)
        QTimer.singleShot(0, self.search)

    def search(self) -> None:
        """Ask the library for what the line and the filters say."""
        self._more_runner.cancel()
        self._slow.start()
        self._search_runner.start(self._model.search_job())

    def open_place(self, place: str) -> None:
        """Open an address, a URL or a path."""
        self._opener.open_place(place)

    def show_page(self, card: Card) -> None:
        """Fetch the record of a card and show its page."""
        self._fetch_page(card.library, card.record, card.title)

    def show_record(self, library_id: str, record_id: str) -> None:
        """Show the page of an image that another panel knows, as one just deposited."""
        self._libraries.refresh()
        self._results.libraries.look()
        self.search()
        self._fetch_page(library_id, record_id, record_id)

    def show_results(self) -> None:
        """Go back from a record's page to the cards."""
        self._pages.setCurrentWidget(self._results)
        self._results.focus_list()

    def update_terms(self) -> None:
        """Bring newer releases of the ontologies here, and use them."""
        if not self._terms_runner.is_running:
            self._bars[self._terms_runner].begin("Updating the ontology terms")
            self._terms_runner.start(update_terms_job(self._libraries.settings))

    def take_offer(self, offer: Offer) -> None:
        """Take in The Cell Image Library, or what is new in it."""
        if not self._adding_runner.is_running:
            choice = self._results.libraries.choice
            self._results.libraries.let_add(possible=False)
            self._bars[self._adding_runner].begin(offer.title)
            self._adding_runner.start(choice.job_of(offer))

    def _lay_out(self) -> None:
        self.setMinimumWidth(300)
        # Where nothing expands, napari puts empty room below all.
        self._pages.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding
        )
        self._pages.addWidget(self._results)
        self._pages.addWidget(self._record)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.walk)
        for bar in self._bars.values():
            layout.addWidget(bar)
        layout.addWidget(StreamStrip(self._watch, self._volume, self._save, self))

    def _connect_pages(self) -> None:
        self._results.search_wanted.connect(self._search_anew)
        self._hints.taken.connect(self._results.take_term)
        self._results.more_wanted.connect(self._load_more)
        self._results.place_wanted.connect(self.open_place)
        self._results.action_chosen.connect(self._act)
        self._results.terms_update_wanted.connect(self.update_terms)
        self._results.depositions_wanted.connect(self._show_depositions)
        self._results.libraries.wanted.connect(self.take_offer)
        for page in (self._results, self._record):
            page.open_wanted.connect(self._open_card)
            page.page_wanted.connect(self.show_page)
        self._record.file_wanted.connect(self._open_file)
        self._record.view_wanted.connect(self._copy_link)
        self._results.chosen.walk_wanted.connect(self.walk.begin)
        self._results.chosen.batch_wanted.connect(self._annotate_many)
        for part in (self._results.chosen, self._record):
            part.similar_wanted.connect(self._find_similar)
        self._record.back.connect(self.show_results)
        self._record.words_chosen.connect(self._search_words)
        self._record.link_chosen.connect(self._open_link)
        self._record.annotate_wanted.connect(self._annotate)
        for keys in ("Ctrl+F", "/"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self._find)

    def _connect_runners(self) -> None:
        self._search_runner.progressed.connect(self._model.take_progress)
        self._search_runner.succeeded.connect(self._model.take_answer)
        self._model.events.summary.connect(self._on_answer)
        self._search_runner.succeeded.connect(self._slow.stop)
        self._slow.timeout.connect(self._results.say_searching)
        self._search_runner.failed.connect(self._model.take_error)
        self._more_runner.succeeded.connect(self._model.take_answer)
        self._more_runner.failed.connect(self._take_a_rest)
        self._page_runner.succeeded.connect(self._show_record)
        for opener in (self._opener, self._large_opener):
            bar = self._bars[opener.runner]
            opener.started.connect(bar.begin)
            opener.warned.connect(bar.tell)
        for loading in (self._watch, self._volume, self._save):
            loading.started.connect(self._bars[loading.runner].begin)
        self._save.runner.succeeded.connect(self._bars[self._save.runner].tell)
        self._opener.opened.connect(self._results.leave_address)
        self._opener.follower.region_wanted.connect(self._show_region)
        self._terms_runner.succeeded.connect(self._take_terms)
        self._demo_runner.succeeded.connect(self._tell_of_demo)
        self._reminder.succeeded.connect(self._remind)
        self._adding_runner.succeeded.connect(self._bars[self._adding_runner].tell)
        for outcome in ("succeeded", "cancelled", "failed"):
            getattr(self._demo_runner, outcome).connect(self._on_demo_settled)
            getattr(self._adding_runner, outcome).connect(self._on_added)

    def _on_answer(self, summary: str) -> None:
        self._slow.stop()
        if summary and not self._is_ready:
            self._get_ready()

    def _search_anew(self) -> None:
        for bar in self._bars.values():
            bar.dismiss()
        self.search()

    def _get_ready(self) -> None:
        """Use the moment in which a person reads the first cards."""
        self._is_ready = True
        spare(self._viewer)
        self.destroyed.connect(spare_no_more)
        self._opener.warm_up()
        self._reminder.start(unfinished_job(self._libraries.settings))
        self._results.libraries.look()

    def _fetch_page(self, library_id: str | None, record_id: str, words: str) -> None:
        self._bars[self._page_runner].begin(f"Reading about {words}")
        self._page_runner.start(record_job(self._libraries, library_id, record_id))

    def _show_depositions(self) -> None:
        show_depositions(self._viewer)

    def _annotate(self, record: RecordModel) -> None:
        annotate_record(self._viewer, record.library_id, record.record.id)

    def _find_similar(self, card: Card) -> None:
        library = card.library or self._libraries.default_id
        show_similar_to_record(self._viewer, library, card.record, card.title)

    def _load_more(self) -> None:
        # A list asks again whenever it is laid out: not at once after a failure.
        if self._more_runner.is_running or self._rest.isActive():
            return
        if job := self._model.more_job():
            self._bars[self._more_runner].begin("Loading more images")
            self._more_runner.start(job)

    def _take_a_rest(self, _: Exception) -> None:
        self._rest.start()

    def _open_card(self, card: Card) -> None:
        opener = self._large_opener if card.is_large else self._opener
        opener.open_record(card.library, card.record, card.title)

    def _open_file(self, card: Card, choice: FileChoice) -> None:
        opener = self._large_opener if choice.is_large else self._opener
        opener.open_record(card.library, card.record, card.title, choice.file)

    def _show_record(self, record: RecordModel) -> None:
        self._record.show_record(record)
        self._pages.setCurrentWidget(self._record)
        self._record.take_keyboard()

    def _search_words(self, words: str) -> None:
        self.show_results()
        self._results.type_words(words)

    def _find(self) -> None:
        self._pages.setCurrentWidget(self._results)
        self._results.focus_line()

    def _open_link(self, address: str) -> None:
        if address.startswith(SCHEME):  # of another version, in the same library
            found = Address.parse(address)
            self._fetch_page(found.library, found.record, found.record)
            return
        QDesktopServices.openUrl(QUrl(address))

    def _copy_link(self, card: Card) -> None:
        library = card.library or self._libraries.default_id
        address = Address(library=library, record=card.record)
        QApplication.clipboard().setText(link_to_view(self._viewer, address))
        self._record.say_copied()

    def _show_region(self, address: str, region: str) -> None:
        show_region(self._viewer, address, region)

    def _annotate_many(self, cards: tuple[Card, ...]) -> None:
        annotate_many(cards, self._libraries, self._terms, self)

    def _act(self, action: Action) -> None:
        if action is Action.MAKE_DEMO:
            self._bars[self._demo_runner].begin("Making the demo library")
            self._demo_runner.start(self._model.demo_job())
        elif action is Action.OPEN_ADDRESS and self._model.place:
            self.open_place(self._model.place)
        elif action is Action.SUGGESTION:
            self._results.take_suggestion()
        elif action is Action.CLEAR_FILTERS:
            self._results.clear_filters()
        elif action is Action.SHOW_ALL:
            self._results.show_all()
        else:
            self.search()

    def _take_terms(self, words: str) -> None:
        self._terms.close()  # so that the new store is opened
        self._bars[self._terms_runner].tell(words)
        self.search()

    def _remind(self, unfinished: str) -> None:
        if unfinished:
            words = f"{unfinished} My depositions, in the menu More, goes on."
            self._bars[self._reminder].tell(words)

    def _tell_of_demo(self, left_out: str) -> None:
        if left_out:
            self._bars[self._demo_runner].tell(left_out)

    def _on_demo_settled(self, _: object = None) -> None:
        self._libraries.close()  # so that the new library is looked for again
        self._thumbnails.forget()
        self._results.libraries.look()
        self.search()

    def _on_added(self, _: object = None) -> None:
        self._libraries.refresh()
        self._results.libraries.let_add(possible=True)
        self._results.libraries.look()
        self.search()


def _single_shot(parent: QObject, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
