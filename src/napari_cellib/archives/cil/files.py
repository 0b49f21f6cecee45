"""The files of an image and the addresses under which they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from napari_cellib.model import Representation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.archives.cil.ledger import Ledger, Node
    from napari_cellib.model.representation import Role
    from napari_cellib.settings import CilAddresses

THUMBNAIL_WIDTHS = (220, 512, 140)  # the width of a card comes first

_KINDS: Mapping[str, tuple[Role, str, str]] = {
    "ome_tif": ("interchange", "ome-tiff", "image/tiff"),
    "tif": ("interchange", "tiff", "image/tiff"),
    "jpeg": ("preview", "jpeg", "image/jpeg"),
    "png": ("preview", "png", "image/png"),
    "zip": ("original", "zip", "application/zip"),
    "gzip": ("original", "gzip", "application/gzip"),
    "mrc": ("original", "mrc", "application/mrc"),
    "mp4": ("movie", "mp4", "video/mp4"),
    "flv": ("movie", "flv", "video/x-flv"),
}
_ENDINGS = {"tiff": "tif", "jpg": "jpeg", "gz": "gzip"}
_MOVED = "the server has moved the file"


def files(
    cil: Node, number: str, *, video: bool, hosts: CilAddresses, ledger: Ledger
) -> Iterator[Representation]:
    """Yield the files of an image, those of other shapes after its own.

    Parameters
    ----------
    cil : Node
        The part ``CIL`` of a document.
    number : str
        Number of the image in its archive.
    video : bool
        Whether it is a movie: then its files lie in another folder.
    hosts : CilAddresses
        Where files are served, and how names changed since they were written.
    ledger : Ledger
        Told what became of each value.
    """
    folder = "videos" if video else "images"
    for node in cil.get("Image_files").each():
        base = f"{hosts.files}/media/{folder}/{number}"
        path = node.get("File_path")
        if _usable(path, ledger):
            yield _file(node, path, f"{base}/{quote(path.text)}", hosts, ledger)
    for node in cil.get("Alternative_image_files").each():
        path = node.get("URL_postfix")
        if _usable(path, ledger):
            url = f"{hosts.files}/{quote(path.text.lstrip('/'))}"
            yield _file(node, path, url, hosts, ledger)
            name = node.get("File_path")
            if name.text and url.endswith(f"/{name.text}"):
                ledger.mapped(name)


def file_at(url: str, hosts: CilAddresses) -> Representation | None:
    """Return the file that a page of the archive leads to, or None if it is no file.

    Parameters
    ----------
    url : str
        Its whole address.
    hosts : CilAddresses
        How names changed since they were written.
    """
    current = hosts.current(url)
    try:
        parts = urlsplit(current)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    ending = parts.path.rpartition(".")[2].lower()
    kind = _KINDS.get(_ENDINGS.get(ending, ending))
    if kind is None:
        return None
    role, form, media = kind
    return Representation(role=role, url=current, media_type=media, format=form)


def thumbnails(number: str, hosts: CilAddresses) -> Iterator[Representation]:
    """Yield the small pictures that every image has, by width."""
    base = f"{hosts.files}/media/thumbnail_display/{number}/{number}_thumbnailx"
    for width in THUMBNAIL_WIDTHS:
        yield Representation(
            role="thumbnail",
            url=f"{base}{width}.jpg",
            media_type="image/jpeg",
            format="jpeg",
            width=width,
        )


def _usable(path: Node, ledger: Ledger) -> bool:
    if not path.text:
        return False
    if ".." in path.text.split("/") or "://" in path.text or "\\" in path.text:
        ledger.refused(path, "it is no path on the server")
        return False
    return True


def _file(
    node: Node, path: Node, url: str, hosts: CilAddresses, ledger: Ledger
) -> Representation:
    declared, mime = node.get("File_type"), node.get("Mime_type")
    current = hosts.current(url)
    moved = current != url
    ending = current.rpartition(".")[2].lower() if moved else declared.text.lower()
    role, form, media = _KINDS.get(ending, ("original", None, None))
    if role in {"interchange", "preview"} and "_orig." in path.text:
        role = "original"  # what was handed in, beside what was made of it
    if moved:
        for value in (path, declared, mime):
            ledger.cleaned(value, _MOVED)
    else:
        _note_file(path, declared, mime, media, ledger)
    return Representation(
        role=role,
        url=current,
        media_type=media or mime.text or None,
        format=form or declared.text.lower() or None,
        size_bytes=None if moved else _size(node.get("Size"), ledger),
    )


def _size(size: Node, ledger: Ledger) -> int | None:
    number = size.number
    if number is None or number != int(number):
        ledger.refused(size, "a file has more than no bytes")
        return None
    ledger.mapped(size)
    return int(number)


def _note_file(
    path: Node, declared: Node, mime: Node, media: str | None, ledger: Ledger
) -> None:
    ledger.mapped(path)
    ledger.cleaned(declared, "one name for each format")
    if media in {None, mime.text}:
        ledger.mapped(mime)
    else:
        ledger.cleaned(mime, "one media type for each format")
