from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from napari_cellib.errors import DownloadFailed
from napari_cellib.jobs import drive
from napari_cellib.model import TermField
from napari_cellib.ontology import ols
from napari_cellib.ontology.ols import OnlineTerm, parse_answer, request_url


def doc(obo_id, label, **more):
    """Make one term in the shape in which the service tells it."""
    prefix, _, number = obo_id.partition(":")
    return {
        "id": f"{prefix.lower()}:class:http://purl.obolibrary.org/obo/{prefix}_{number}",
        "iri": f"http://purl.obolibrary.org/obo/{prefix}_{number}",
        "short_form": f"{prefix}_{number}",
        "obo_id": obo_id,
        "label": label,
        "ontology_name": prefix.lower(),
        "ontology_prefix": prefix,
        "type": "class",
        **more,
    }


def answer(*docs):
    return json.dumps(
        {
            "responseHeader": {"QTime": 3, "status": 0, "params": {"q": "lamelli"}},
            "response": {"numFound": len(docs), "start": 0, "docs": list(docs)},
            "highlighting": {},
        }
    ).encode()


LAMELLIPODIUM = doc("GO:0030027", "lamellipodium", description=["A thin sheet"])


def asked(url):
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def test_a_request_asks_for_live_terms_of_their_own_ontologies():
    url = request_url("  Lamelli  podium & co ")

    assert url.startswith("https://www.ebi.ac.uk/ols4/api/select?")
    assert asked(url) == {
        "q": "Lamelli podium & co",
        "type": "class",
        "local": "true",
        "obsoletes": "false",
        "rows": "20",
    }


def test_a_field_narrows_the_request_to_what_may_fill_it():
    questions = asked(request_url("mito", TermField.CELLULAR_COMPONENT))

    assert questions["ontology"] == "go"
    iri = "http://purl.obolibrary.org/obo/GO_0005575"
    assert questions["allChildrenOf"] == iri


def test_several_roots_are_alternatives():
    questions = asked(request_url("mouse", TermField.ORGANISM))

    roots = ("NCBITaxon_131567", "NCBITaxon_10239")
    iris = [f"http://purl.obolibrary.org/obo/{root}" for root in roots]
    assert questions["allChildrenOf"].split(",") == iris


def test_an_ontology_that_is_allowed_whole_is_not_narrowed_to_the_roots_of_another():
    questions = asked(request_url("heart", TermField.ANATOMY))

    assert {"uberon", "zfa"} <= set(questions["ontology"].split(","))
    assert "allChildrenOf" not in questions


def test_a_page_of_text_is_cut():
    assert len(asked(request_url("x" * 10_000))["q"]) == 200


def test_an_answer_gives_terms_in_the_order_of_the_service():
    data = answer(LAMELLIPODIUM, doc("CL:0000540", " neuron\n"), LAMELLIPODIUM)

    assert parse_answer(data) == (
        OnlineTerm("GO:0030027", "lamellipodium", "GO"),
        OnlineTerm("CL:0000540", "neuron", "CL"),
    )


def test_terms_of_other_ontologies_than_the_field_allows_are_left_out():
    data = answer(LAMELLIPODIUM, doc("CL:0000540", "neuron"))

    found = parse_answer(data, TermField.CELL_TYPE)

    assert [one.curie for one in found] == ["CL:0000540"]


def test_an_identifier_may_be_told_in_its_short_form_only():
    data = answer({"short_form": "CVCL_0030", "label": "HeLa"})

    assert parse_answer(data) == (OnlineTerm("CVCL_0030", "HeLa", "CVCL"),)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        {},
        {"obo_id": "GO:0030027"},
        {"obo_id": "GO:0030027", "label": ""},
        {"obo_id": "GO:0030027", "label": ["lamellipodium"]},
        {"obo_id": "http://example.org/no-term", "label": "a page"},
    ],
)
def test_what_is_no_term_is_left_out(broken):
    assert len(parse_answer(answer(broken, LAMELLIPODIUM))) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[]",
        b"{}",
        b'{"response": null}',
        b'{"response": {"docs": 7}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_is_said_to_be_none(data):
    with pytest.raises(ValueError, match="no list of terms"):
        parse_answer(data)


class Service:
    """A server that answers as it is told to."""

    def __init__(self):
        self.status, self.body, self.wait_s = 200, answer(LAMELLIPODIUM), 0.0
        self.paths = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                service.paths.append(self.path)
                time.sleep(service.wait_s)
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(service.body)))
                self.end_headers()
                with suppress(ConnectionError):  # nobody waits any more
                    self.wfile.write(service.body)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def service():
    one = Service()
    yield one
    one.close()


def test_a_search_asks_once_and_returns_the_terms(service):
    found = drive(ols.search_job("lamelli", base=service.url))

    assert [one.label for one in found] == ["lamellipodium"]
    assert len(service.paths) == 1
    assert service.paths[0].startswith("/api/select?q=lamelli&")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b"", "status 500"),
        (429, b"", "status 429"),
        (200, b"<html>", "no list of terms"),
        (200, b"x" * 3_000_000, "too long"),
    ],
)
def test_an_answer_that_is_none_ends_in_an_error_to_act_on(
    service, status, body, reason
):
    service.status, service.body = status, body

    with pytest.raises(DownloadFailed) as caught:
        drive(ols.search_job("lamelli", base=service.url))

    assert caught.value.what.startswith("The EBI's answer could not be")
    assert reason in caught.value.what
    assert "terms on this computer" in caught.value.fix


def test_without_a_network_the_error_says_so():
    with pytest.raises(DownloadFailed, match="no server answers"):
        drive(ols.search_job("lamelli", base="http://127.0.0.1:9/api"))


def test_a_silent_service_is_given_up(service, monkeypatch):
    monkeypatch.setattr(ols, "TIMEOUT_S", 0.3)
    service.wait_s = 1.0
    before = time.perf_counter()

    with pytest.raises(DownloadFailed):
        drive(ols.search_job("lamelli", base=service.url))

    assert time.perf_counter() - before < 0.9


def test_it_can_be_stopped_while_it_waits(service):
    service.wait_s = 1.0
    job = ols.search_job("lamelli", base=service.url)
    next(job)
    before = time.perf_counter()

    job.close()

    assert time.perf_counter() - before < 0.2
