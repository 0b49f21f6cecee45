"""Invented documents in the shapes of the Cell Image Library's, and dumps of them."""

from __future__ import annotations

import contextlib
import copy
import html
import http.server
import json
import re
import threading
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.document import Mapped, read_document
from napari_cellib.archives.cil.ledger import Fate
from napari_cellib.model import Kind, Status
from napari_cellib.ontology import normalise_curie, open_terms
from napari_cellib.settings import CilAddresses, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_cellib.model import ImageRecord

HOSTS = CilAddresses(site="https://site.example", files="https://files.example")

CORE: dict[str, Any] = {
    "GROUP_ID": "77",
    "IMAGEDESCRIPTION": {"free_text": "Cilia of E. coli's neighbours. Nothing else."},
    "TECHNICALDETAILS": {"free_text": "Kept at 37 &deg;C."},
    "TERMSANDCONDITIONS": {"free_text": "attribution_nc_sa"},
    "DATAQUALIFICATION": {"free_text": "PROCESSED;spatialmeasurements"},
    "NCBIORGANISMALCLASSIFICATION": {
        "onto_id": "NCBITaxon:5888", "onto_name": "Paramecium tetraurelia",
    },
    "CELLULARCOMPONENT": [
        {"onto_id": "GO:0005929", "onto_name": "cilium"},
        {"free_text": "transition zone plate"},
    ],
    "CELLLINE": {"onto_id": "MCC:0000219", "onto_name": "HeLa"},
    "IMAGINGMODE": {"onto_id": "Fbbi:00000246"},
    "ATTRIBUTION": {
        "Contributors": ["Ann Day; Bob Fox", "Fall, Eve (Some University) (imaging)"],
        "DATE": ["00/11/2004"],
        "PUBMED": ["PMID: 123456", "PMID:234567", "345678"],
        "PUBLISHED": ["Day A (2005) J Nowhere 1, 2-3."],
        "URLs": [{"Href": "www.example.org/a", "Label": "More"}, {"Href": "12345"}],
        "OTHER": ["A Small Institute"],
    },
    "DIMENSION": [
        {"Space": {"axis": "X", "Image_size": 640,
                   "Pixel_size": {"value": 107, "unit": "nanometers"}}},
        {"Space": {"axis": "Y", "Image_size": "480",
                   "Pixel_size": {"value": 0, "unit": "microns"}}},
        {"Time": {"value": 5, "unit": "seconds", "frame": "50"}},
        {},
    ],
}  # fmt: skip


def invented(number: int = 901, **core: Any) -> dict[str, Any]:
    """Return a document; a part of CORE that is None is left out."""
    parts = {**copy.deepcopy(CORE), **core}
    return {
        "CIL_CCDB": {
            "Status": {"Deleted": False, "Is_public": True},
            "Data_type": {
                "Still_image": False, "Z_stack": False,
                "Time_series": True, "Video": False,
            },
            "Citation": {
                "DOI": f"doi:10.7295/W9CIL{number}",
                "ARK": f"ark:/b7295/w9cil{number}",
                "Title": f"Ann Day (2011) CIL:{number}. CIL. Dataset. CIL. Dataset",
            },
            "CIL": {
                "Image_files": [
                    {"Mime_type": "image/tif", "File_type": "OME_tif",
                     "File_path": f"{number}.tif", "Size": 5800000},
                    {"Mime_type": "image/jpeg; charset=utf-8", "File_type": "Jpeg",
                     "File_path": f"{number}.jpg", "Size": 0},
                    {"Mime_type": "application/zip", "File_type": "Zip",
                     "File_path": f"{number}.zip", "Size": "1234"},
                ],
                "CORE": {key: part for key, part in parts.items() if part is not None},
            },
        }
    }  # fmt: skip


NUMBER = re.compile(r"[\d.e+-]+")
# What the record says in a way of its own, so that the words of the document are not
# to be found in it; the rest of what is cleaned must be there letter by letter.
OTHER_WORDS = (
    "one name for each format", "one media type for each format",
    "one name for each unit", "the server has moved the file",
    "the second X is the height", "in micrometers", "a date in place of seconds",
    "year first; what is unknown left out", "its end came twice",
)  # fmt: skip


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a document in a way of the test's own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        if value.strip():
            yield path, value
    elif value is not None:
        yield path, value


def squeezed(text: str) -> str:
    text = re.sub(r"</?[A-Za-z][^<>]*>", "", html.unescape(text))
    text = unicodedata.normalize("NFC", text)
    return "".join(sign for sign in text.lower() if sign.isascii() and sign.isalnum())


class Said:
    """Everything that a record says, apart from the raw document."""

    def __init__(self, record: ImageRecord) -> None:
        plain = record.model_copy(update={"raw": None}).model_dump(mode="json")
        values = [value for _, value in leaves(plain)]
        self.texts = {value for value in values if isinstance(value, str)}
        self.numbers = {
            float(value) for value in values if isinstance(value, int | float)
        }
        self.all = "\n".join(self.texts)
        self.letters = squeezed(self.all)
        self.kinds, self.status = set(record.kinds), record.status

    def has(self, path: str, value: Any) -> bool:
        if isinstance(value, bool):
            return self._has_truth(path.rpartition(".")[2], value)
        words = str(value).strip()
        if words in self.texts or words in self.all:
            return True
        if path.endswith(".axis"):
            return True  # an axis is a key, not a value
        if path.endswith(".unit"):
            return words in {"microns", "seconds"}  # those of every record
        return bool(NUMBER.fullmatch(words)) and float(words) in self.numbers

    def has_otherwise(self, value: Any) -> bool:
        words = str(value)
        curie = normalise_curie(words)
        return (curie in self.texts) or squeezed(repaired(words)) in self.letters

    def _has_truth(self, key: str, value: bool) -> bool:
        if key in {"Deleted", "Is_public"}:
            return (self.status is Status.PUBLISHED) == (value is (key == "Is_public"))
        kind = "still" if key == "Still_image" else key.lower()
        return (Kind(kind) in self.kinds) is value


def repaired(text: str) -> str:
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return re.sub(r"^(?:doi|PMID|[A-Z]*) ?: ?", "", text)


def assert_nothing_is_lost(document: Any, mapped: Mapped) -> None:
    """Look for every value of a document in its record or in the report."""
    told = {entry.path: entry for entry in mapped.entries}
    said = Said(mapped.record)
    walked = dict(leaves(document))

    assert walked.keys() == told.keys()
    for path, value in walked.items():
        entry = told[path]
        if entry.fate is Fate.MAPPED:
            assert said.has(path, value), (mapped.record.id, path, value)
        elif entry.fate is Fate.CLEANED:
            otherwise = entry.reason in OTHER_WORDS or said.has_otherwise(value)
            assert otherwise, (mapped.record.id, path, value)
        else:
            assert entry.reason, path
    assert mapped.record.raw == document


# -- fixtures


@pytest.fixture(scope="session", name="invented")
def invented_fixture() -> Callable[..., dict[str, Any]]:
    """Return what makes a document; a part of CORE that is None is left out."""
    return invented


@pytest.fixture(scope="session", name="write_zip")
def write_zip_fixture() -> Callable[[Path, dict[str, Any]], Path]:
    """Return what writes a dump of documents by the names of their files."""
    return write_zip


@pytest.fixture(scope="session")
def hosts() -> CilAddresses:
    """Return addresses at which there is nothing."""
    return HOSTS


@pytest.fixture(scope="session")
def check_nothing_is_lost() -> Callable[[Any, Mapped], None]:
    """Return what looks for every value of a document."""
    return assert_nothing_is_lost


@pytest.fixture(scope="session")
def term_reader() -> Iterator[TermReader]:
    """Return what reads the terms of documents."""
    with open_terms() as terms:
        yield TermReader(terms)


@pytest.fixture
def read(term_reader: TermReader) -> Callable[..., Mapped]:
    """Return what makes a record of a document."""

    def read(raw: Any = None, name: str = "901", **core: Any) -> Mapped:
        document = invented(**core) if raw is None else raw
        return read_document(document, name, terms=term_reader, hosts=HOSTS)

    return read


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a user who has no library yet."""
    return Settings(data_folder=tmp_path / "data", cil=HOSTS, timeout_s=5)


def write_zip(path: Path, documents: dict[str, Any]) -> Path:
    """Write a dump; bytes and texts go in as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in documents.items():
            plain = isinstance(document, bytes | str)
            archive.writestr(name, document if plain else json.dumps(document))
    return path


# -- a server in the place of the archive's


class ArchiveServer(http.server.ThreadingHTTPServer):
    """Answers by path, and remembers what it was asked.

    An answer is a status, or a text, bytes or JSON that comes with 200, or a function
    of the request. A list of them is given one after another, the last for ever. What
    has no answer is not found.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.ended = threading.Event()

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def says(self, path: str, *answers: Any) -> None:
        """Let these be the answers to a path, which may leave out the query."""
        self.answers[path] = list(answers)


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ArchiveServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append(dict(self.headers))
        self.close_connection = True
        known = self.server.answers
        answers = (
            known.get(self.path) or known.get(self.path.partition("?")[0]) or [404]
        )
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer(self)
        elif isinstance(answer, int):
            self.say(answer)
        else:
            self.say(200, answer)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def say(self, status: int, body: Any = b"", **headers: str) -> None:
        if not isinstance(body, bytes | str):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        headers = {"Content_Length": str(len(body)), "Connection": "close"} | headers
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def serve() -> Iterator[Callable[[], ArchiveServer]]:
    """Return a function that starts a server."""
    servers: list[ArchiveServer] = []

    def start() -> ArchiveServer:
        server = ArchiveServer()
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    yield start
    for server in servers:
        server.ended.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def archive(serve: Callable[[], ArchiveServer]) -> ArchiveServer:
    """Return a server that is the archive: its service and its pages."""
    return serve()


@pytest.fixture
def here(settings: Settings, archive: ArchiveServer) -> Settings:
    """Return settings of a user for whom the archive is that server."""
    hosts = settings.cil.model_copy(
        update={"api": f"{archive.home}/rest", "site": archive.home, "pause_s": 0.01}
    )
    return settings.model_copy(update={"cil": hosts})


@pytest.fixture
def with_key(here: Settings) -> Settings:
    """Return the same for a user who has a key."""
    key = SecretStr("ann:open:sesame")
    return here.model_copy(update={"cil": here.cil.model_copy(update={"key": key})})


def page(number: int = 901, *, name: str | None = None, **more: Any) -> str:
    """Return an invented page in the form of the archive's: two blocks of one image."""
    accession = f"CIL:{number}"
    cited = name or (
        f"Ann Day; Bob Fox (2011) {accession}, Paramecium tetraurelia, "
        "ciliated cell. CIL. Dataset. CIL. Dataset"
    )
    thumbnail = f"https://files.example/media/thumbnail_display/{number}/"
    first = {
        "@context": "http://schema.org", "@type": "Dataset",
        "name": f"{accession}, Paramecium tetraurelia, ciliated cell. CIL. Dataset",
        "image": {"@type": "ImageObject",
                  "url": f"{thumbnail}{number}_thumbnailx512.jpg"},
    }  # fmt: skip
    second = {
        "@context": "http://schema.org", "@type": "Dataset", "name": cited,
        "description": "Cilia of E. coli's neighbours. Nothing else.",
        "identifier": f"doi:10.7295/W9CIL{number}",
        "license": "http://creativecommons.org/licenses/by-nc-sa/3.0/legalcode",
        "distribution": {
            "@type": "DataDownload",
            "contentUrl": f"https://files.example/media/images/{number}/{number}.tif",
        },
        **more,
    }  # fmt: skip
    blocks = "".join(
        f'<script type="application/ld+json">\n{json.dumps(block)}\n</script>'
        for block in (first, second)
    )
    return f"<!doctype html><html><head>{blocks}</head><body></body></html>"


@pytest.fixture(scope="session", name="page")
def page_fixture() -> Callable[..., str]:
    """Return what makes a page; a key of its second block may be given anew."""
    return page
