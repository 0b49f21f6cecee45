"""Servers that cannot prove who they are, lead elsewhere, or send too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import DownloadFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.settings import Settings


@pytest.fixture
def refuse(
    settings: Settings, run, assert_untouched: Callable[[], None]
) -> Callable[[str], str]:
    """Return a function that updates in vain, and returns what was said."""

    def update_in_vain(address: str) -> str:
        settings.release_addresses["fbbi"] = address
        with pytest.raises(DownloadFailed) as refused:
            run(settings)
        assert_untouched()
        return str(refused.value)

    return update_in_vain


def test_a_server_that_proves_who_it_is_gives_a_release(
    settings, serve, known, newer, obo, run
):
    settings.release_addresses["fbbi"] = serve(200, obo(newer.values()).encode())

    assert run(settings).updated[0].changes is not None


def test_a_server_that_cannot_prove_who_it_is_is_not_believed(
    serve, newer, obo, refuse
):
    said = refuse(serve(200, obo(newer.values()).encode()))

    assert "cannot prove who it is" in said
    assert "SSL_CERT_FILE" in said, "so a person behind a proxy knows what to do"


def test_nobody_is_led_from_an_encrypted_server_to_an_open_one(
    serve, known, newer, obo, refuse
):
    elsewhere = serve(200, obo(newer.values()).encode(), tls=False)

    assert "without encryption" in refuse(serve(302, Location=elsewhere))


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
@pytest.mark.parametrize("tls", [True, False])
def test_nobody_is_led_to_something_that_is_no_server_of_the_web(
    serve, known, newer, obo, publish, refuse, scheme, tls
):
    path = publish(obo(newer.values()))
    address = path.as_uri().replace("file:", f"{scheme}:")

    assert f"an address of {scheme}" in refuse(serve(302, tls=tls, Location=address))


def test_nobody_is_led_round_and_round(serve, known, refuse):
    said = refuse(serve(302, Location="https://HERE/fbbi.obo"))

    assert "from one address to the next" in said


def test_a_release_that_is_far_too_large_is_not_taken(serve, known, refuse):
    lines = {"Content-Length": str(10**12)}

    assert "more than the 20 MB" in refuse(serve(200, b"format-version", **lines))


def test_a_release_that_breaks_off_is_not_taken(serve, known, newer, obo, refuse):
    body = obo(newer.values()).encode()
    lines = {"Content-Length": str(len(body) + 100)}

    assert "broke off" in refuse(serve(200, body, **lines))
