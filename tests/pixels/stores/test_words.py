import pytest
from obstore.exceptions import GenericError, PermissionDeniedError

from napari_cellib.errors import PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.stores.contents import TooLarge
from napari_cellib.pixels.stores.words import explain, is_silence

STATUS = "Server returned non-2xx status code: "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Received redirect ... incorrectly configured region", "in another region"),
        ("<Code>PermanentRedirect</Code>", "in another region"),
        ("<Code>RequestTimeTooSkewed</Code>", "clock of this computer is wrong"),
        ("<Code>TokenRefreshRequired</Code>", "your credentials have expired"),
        ("Requested 0..10, got 5..15", "another part of a file"),
        ("Content-Length Header missing", "no Content-Length"),
        ("dns error: failed to lookup", "its name is not known"),
        ("operation timed out", "it took too long"),
        ("error decoding response body", "broke off in the middle"),
        (f"{STATUS}502 Bad Gateway: <html>", "error 502 Bad Gateway"),
        (f"{STATUS}520 <unknown status code>: <html>", "error 520."),
        (f"{STATUS}418 I'm a teapot: no", "error 418 I'm a teapot."),
        ("connection refused", "no connection could be made"),
    ],
)
def test_what_a_server_does_is_said_in_words(text, said):
    error = explain(GenericError(text), "https://example.org", local=False)

    assert isinstance(error, PixelsUnreachable)
    assert said in str(error)


def test_azure_does_not_say_whether_a_key_is_wrong_or_has_expired():
    error = PermissionDeniedError("<Code>AuthenticationFailed</Code>")

    said = str(explain(error, "az://box/a.zarr", local=False))

    assert "key or link is not valid there, or has expired" in said


def test_a_file_that_may_not_be_read_is_told_from_one_that_cannot():
    refused = explain(OSError("... (os error 13)"), "/data/a.zarr", local=True)
    broken = explain(OSError("Input/output error.\nmore"), "/data/a.zarr", local=True)

    assert "you may not read its files" in str(refused)
    assert "cannot be read: Input/output error. Ask" in str(broken)


def test_a_chunk_of_more_than_4_gigabytes_is_refused_with_its_size():
    error = explain(TooLarge(5_000_000_000), "https://example.org", local=False)

    assert isinstance(error, PixelsUnreadable)
    assert "a file of it has 5.0 GB" in str(error)


@pytest.mark.parametrize("text", ["dns error", "connection refused", "timed out"])
def test_a_server_that_was_not_reached_is_silent(text):
    assert is_silence(GenericError(text))


@pytest.mark.parametrize(
    "text",
    [
        f"{STATUS}404 Not Found",
        f"{STATUS}500 Error: a b",
        f"{STATUS}499 <unknown status code>: your token has expired",
    ],
)
def test_a_server_that_refuses_is_not_silent(text):
    assert not is_silence(GenericError(text))
