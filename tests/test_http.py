from __future__ import annotations

from email.message import Message

import pytest

from napari_cellib.http import Asker, TransferError, host_of, shown, user_agent


@pytest.fixture
def fresh():
    """Let the program introduce itself anew, before and after the test."""
    user_agent.cache_clear()
    yield
    user_agent.cache_clear()


def about(**headers):
    found = Message()
    for name, value in {"Version": "1.2", **headers}.items():
        found[name.replace("_", "-")] = value
    return lambda name: found


def test_the_program_gives_its_name_its_version_and_its_home(fresh, monkeypatch):
    home = "Homepage, https://example.org/cellib"
    monkeypatch.setattr("importlib.metadata.metadata", about(Project_URL=home))

    told = user_agent()

    assert told.startswith("napari-cellib/1.2 (python-httpx/")
    assert told.endswith("; +https://example.org/cellib)")


def test_a_program_without_a_home_names_none(fresh, monkeypatch):
    monkeypatch.setattr("importlib.metadata.metadata", about())

    assert "+" not in user_agent()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.org/a", "example.org"),
        ("http://example.org:80/a", "example.org"),
        ("https://example.org:443", "example.org"),
        ("https://example.org:80", "example.org:80"),
        ("http://me:secret@127.0.0.1:8000", "127.0.0.1:8000"),
    ],
)
def test_a_host_is_named_with_a_port_that_is_not_the_usual_one(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url", ["https://me:secret@[bad", "https://me:secret@a.b/c?key"]
)
def test_no_password_is_ever_shown(url):
    assert "secret" not in shown(url)
    assert "key" not in shown(url)


def test_an_open_server_is_not_even_asked_when_an_encrypted_one_leads_to_it(
    serve, known
):
    asked = []
    open_one = serve(200, b"a picture", tls=False, asked=asked)
    encrypted = serve(302, Location=open_one)
    asker = Asker(5)

    with pytest.raises(TransferError, match="without encryption"):
        asker.get(encrypted, 1000)
    asker.close()

    assert asked == []
