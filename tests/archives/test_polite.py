"""A server that is slow, wrong, gone, elsewhere or curious about keys."""

from __future__ import annotations

import base64
import email.utils
import itertools
import logging
import shutil
import ssl
import subprocess
import threading
import time

import pytest

from napari_cellib.archives.answers import Answers
from napari_cellib.archives.cil.key import Key
from napari_cellib.archives.polite import PoliteClient
from napari_cellib.errors import (
    ArchiveUnreachable,
    ArchiveUnreadable,
    JobCancelled,
    KeyNeeded,
)
from napari_cellib.http import user_agent
from napari_cellib.jobs import Progress, drive

KEY = Key("ann", "open:sésame", "you")
SAID = Progress("Asking")


@pytest.fixture
def client(archive, tmp_path):
    """Return what makes a client of the server."""

    def client(home=None, **more):
        options = {
            "pause_s": 0.01, "timeout_s": 5.0, "accept": "application/json",
            "answers": Answers(tmp_path / "answers"),
        }  # fmt: skip
        home = home or f"{archive.home}/rest/"
        return PoliteClient("The Archive", home, **{**options, **more})

    return client


def test_an_answer_comes_as_it_is_and_what_is_not_there_is_none(client, archive):
    archive.says("/rest/a?b=1", b"\x00 as it is")
    asking = client()

    assert drive(asking.get("a?b=1", SAID)) == b"\x00 as it is"
    assert drive(asking.get("b", SAID)) is None


def test_the_program_says_who_it_is_and_what_it_takes(client, archive):
    archive.says("/rest/a", "x")

    drive(client().get("a", SAID))

    (headers,) = archive.headers
    assert headers["User-Agent"] == user_agent()
    assert headers["Accept"] == "application/json"
    assert "Authorization" not in headers


def test_between_two_questions_there_is_a_pause(client, archive):
    archive.says("/rest/a", "x")
    asking = client(pause_s=0.2)

    drive(asking.get("a", SAID))
    start = time.monotonic()
    drive(asking.get("a", SAID))

    assert time.monotonic() - start > 0.15


# -- nothing twice


def test_an_answer_that_still_holds_does_not_come_again(client, archive):
    def answer(ask):
        if ask.headers.get("If-None-Match") == '"1"':
            ask.say(304)
        else:
            ask.say(200, "x" * 99, ETag='"1"')

    archive.says("/rest/a", answer)

    assert drive(client().get("a", SAID)) == b"x" * 99
    assert drive(client().get("a", SAID)) == b"x" * 99
    assert [h.get("If-None-Match") for h in archive.headers] == [None, '"1"']


def test_an_answer_that_has_changed_takes_the_place_of_the_old_one(client, archive):
    archive.says(
        "/rest/a",
        lambda ask: ask.say(200, "old", Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"),
        lambda ask: ask.say(200, "new", Last_Modified="Tue, 02 Jan 2024 00:00:00 GMT"),
        304,
    )

    answers = [drive(client().get("a", SAID)) for _ in range(3)]

    assert answers == [b"old", b"new", b"new"]
    assert "02 Jan" in archive.headers[2]["If-Modified-Since"]


def test_not_modified_without_an_earlier_answer_is_none(client, archive):
    archive.says("/rest/a", 304)

    with pytest.raises(ArchiveUnreadable, match="304"):
        drive(client().get("a", SAID))


# -- another attempt


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(client, archive, status):
    archive.says("/rest/a", status, status, "x")

    assert drive(client().get("a", SAID)) == b"x"
    assert len(archive.asked) == 3


def test_attempts_come_more_and_more_slowly(client, archive):
    times = []
    archive.says("/rest/a", lambda ask: (times.append(time.monotonic()), ask.say(503)))

    with pytest.raises(ArchiveUnreachable, match=r"too busy \(503\)"):
        drive(client(pause_s=0.1).get("a", SAID))

    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(pauses) == 3
    assert pauses[0] < pauses[1] < pauses[2]


def in_a_second():
    return email.utils.formatdate(time.time() + 2, usegmt=True)


@pytest.mark.parametrize("when", [lambda: "1", in_a_second], ids=["seconds", "date"])
def test_a_server_that_asks_for_patience_is_given_it(client, archive, when):
    archive.says(
        "/rest/a",
        lambda ask: ask.say(429, Retry_After=when()),
        lambda ask: ask.say(200),
    )

    start = time.monotonic()
    drive(client().get("a", SAID))

    assert 0.9 < time.monotonic() - start < 4


def test_a_server_that_asks_for_much_patience_is_left_alone(client, archive):
    archive.says("/rest/a", lambda ask: ask.say(429, Retry_After="3600"))

    with pytest.raises(
        ArchiveUnreachable, match=r"too often \(429\).*3600 s"
    ) as caught:
        drive(client().get("a", SAID))
    assert len(archive.asked) == 1
    assert "later" in caught.value.fix


@pytest.mark.parametrize("words", ["soon", f"Sun, 06 Nov 1994 08:49:37 +{'9' * 20}"])
def test_words_that_are_no_time_are_no_reason_to_wait(client, archive, words):
    archive.says("/rest/a", lambda ask: ask.say(503, Retry_After=words), "x")

    assert drive(client().get("a", SAID)) == b"x"


def test_a_server_that_fails_on_one_question_is_not_said_to_be_gone(client, archive):
    archive.says("/rest/a", 500)

    with pytest.raises(ArchiveUnreadable, match=r"failed \(500\)"):
        drive(client().get("a", SAID))


@pytest.mark.parametrize("status", [400, 418, 520])
def test_what_another_attempt_would_not_change_is_told_at_once(client, archive, status):
    archive.says("/rest/a", status)

    with pytest.raises(ArchiveUnreadable, match=str(status)):
        drive(client().get("a", SAID))
    assert len(archive.asked) == 1


# -- keys


def test_a_key_is_sent_with_each_question(client, archive):
    archive.says("/rest/a", 503, "x")

    drive(client(key=KEY).get("a", SAID))

    sent = base64.b64encode("ann:open:sésame".encode()).decode()
    assert [h["Authorization"] for h in archive.headers] == [f"Basic {sent}"] * 2


@pytest.mark.parametrize(
    ("status", "words"), [(401, "refuses the one from you"), (403, "does not allow")]
)
def test_a_key_that_does_not_fit_is_told_and_not_tried_again(
    client, archive, status, words
):
    archive.says("/rest/a", status)

    with pytest.raises(KeyNeeded, match=words):
        drive(client(key=KEY).get("a", SAID))
    assert len(archive.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_pages_that_are_closed_ask_for_no_key(client, archive, status):
    archive.says("/rest/a", status)

    with pytest.raises(ArchiveUnreachable, match="not let everybody in"):
        drive(client().get("a", SAID))


def test_another_host_is_named_and_sees_neither_question_nor_key(
    client, archive, serve
):
    other = serve()
    archive.says("/rest/a", lambda ask: ask.say(302, Location=f"{other.home}/rest/a"))

    with pytest.raises(
        ArchiveUnreachable, match=r"it has moved to 127\.0\.0\.1:"
    ) as caught:
        drive(client(key=KEY).get("a", SAID))

    assert other.home.removeprefix("http://") in str(caught.value)
    assert "new address" in caught.value.fix
    assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed(client, archive):
    archive.says("/rest/a", lambda ask: ask.say(301, Location="/rest/b"))
    archive.says("/rest/b", "x")

    assert drive(client(key=KEY).get("a", SAID)) == b"x"
    assert "Authorization" in archive.headers[1]


def test_redirects_in_a_circle_come_to_an_end(client, archive):
    archive.says("/rest/a", lambda ask: ask.say(302, Location="/rest/a"))

    with pytest.raises(ArchiveUnreachable, match="from one address to the next"):
        drive(client().get("a", SAID))


@pytest.mark.parametrize(
    ("home", "words"),
    [
        ("http://archive.example/rest", "without encryption"),
        ("ftp://archive.example", "no address"),
        ("archive.example/rest", "no address"),
        ("https://ann:secret@archive.example/rest", "no address"),
        ("http://ann:secret@[bad", "no address"),
        ("http://127.0.0.1:99999/", "no address"),
    ],
)
def test_where_a_key_must_not_go_nothing_is_asked(client, home, words):
    with pytest.raises(ArchiveUnreachable, match=words) as caught:
        client(home, key=KEY)
    assert "secret" not in str(caught.value)


def test_a_key_is_in_no_log_and_no_message(client, archive, caplog):
    caplog.set_level(logging.DEBUG)
    archive.says("/rest/a", 401)
    asking = client(key=KEY)

    with pytest.raises(KeyNeeded) as caught:
        drive(asking.get("a", SAID))

    sent = archive.headers[0]["Authorization"].removeprefix("Basic ")
    told = f"{caplog.text} {caught.value} {vars(caught.value)} {KEY!r} {asking!r}"
    assert "rest/a" in told
    assert "sésame" not in told
    assert sent not in told
    assert "sésame" not in "".join(archive.asked)


# -- no answer


def test_a_server_that_is_not_there_is_told(client, archive):
    home = archive.home.replace(archive.home.rpartition(":")[2], "9")

    with pytest.raises(ArchiveUnreachable, match="no server answers there"):
        drive(client(home).get("a", SAID))


def test_a_server_that_keeps_silent_is_given_up(client, archive):
    archive.says("/rest/a", lambda ask: ask.server.ended.wait(5))

    with pytest.raises(ArchiveUnreachable, match="silent for too long"):
        drive(client(timeout_s=0.1).get("a", SAID))


def test_a_server_that_speaks_without_end_is_given_up(client, archive):
    def drip(ask):
        ask.say(200, b"", Content_Length="9999")
        while not ask.server.ended.wait(0.02):
            try:
                ask.wfile.write(b"x")
            except OSError:
                return

    archive.says("/rest/a", drip)

    with pytest.raises(ArchiveUnreachable, match="takes too long"):
        drive(client(timeout_s=0.1, pause_s=0.0).get("a", SAID))


def test_an_answer_that_breaks_off_is_asked_for_again(client, archive):
    def half(ask):
        ask.say(200, b"half", Content_Length="99")

    archive.says("/rest/a", half, "whole")

    assert drive(client().get("a", SAID)) == b"whole"


def test_an_answer_without_measure_is_not_taken(client, archive):
    archive.says("/rest/a", bytes(21_000_000))

    with pytest.raises(ArchiveUnreadable, match="more than 20 MB"):
        drive(client().get("a", SAID))


def test_a_cancel_acts_at_once_while_a_server_keeps_silent(client, archive):
    archive.says("/rest/a", lambda ask: ask.server.ended.wait(10))
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()

    start = time.monotonic()
    with pytest.raises(JobCancelled):
        drive(client().get("a", SAID), cancel=cancel)
    assert time.monotonic() - start < 2


def test_a_cancel_acts_at_once_in_a_pause(client, archive):
    archive.says("/rest/a", 503)
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()

    start = time.monotonic()
    with pytest.raises(JobCancelled):
        drive(client(pause_s=30.0).get("a", SAID), cancel=cancel)
    assert time.monotonic() - start < 2


def test_a_server_that_cannot_prove_who_it_is_gets_no_question(
    client, archive, tmp_path
):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl, to make a certificate of nobody")
    files = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-batch",
            "-subj", "/CN=localhost", "-keyout", str(files[0]), "-out", str(files[1]),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    archive.handle_error = lambda *args: None
    archive.socket = context.wrap_socket(archive.socket, server_side=True)
    home = archive.home.replace("http://127.0.0.1", "https://localhost")

    with pytest.raises(ArchiveUnreachable, match="cannot prove who it is") as caught:
        drive(client(home, key=KEY).get("a", SAID))
    assert "SSL_CERT_FILE" in caught.value.fix
    assert archive.asked == []
