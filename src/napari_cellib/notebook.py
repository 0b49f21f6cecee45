"""What a notebook opens: libraries that can also be asked for images like one.

A library itself knows nothing of comparing, which stands above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import drive
from napari_cellib.library import handles
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.compare.similar import Mode, SimilarImages


class OpenLibrary(handles.OpenLibrary):
    """A library, or several as one; close it, or use it in a ``with`` block."""

    def similar(
        self,
        image: Any,
        *,
        pixel_size_um: float | None = None,
        mode: Mode | str = "setup",
        limit: int = 20,
        channel: int | None = None,
        meaning: str | None = None,
        search: str | None = None,
        network: Path | None = None,
        **known: Any,
    ) -> SimilarImages:
        """Return the images that are most like one, the nearest first.

        What is new in the library is described first: the first time, that takes a
        second or two for each image.

        Parameters
        ----------
        image : array, str, pathlib.Path or LibraryImage
            Pixels; a file, an OME-Zarr or its address; or an image of a library.
        pixel_size_um : float, optional
            Side of a pixel in micrometers, where the image does not say.
        mode : {"setup", "structure"}, default: "setup"
            Whether they are to be made alike, or to show the same.
        limit : int, default: 20
            How many at most.
        channel : int, optional
            Only this channel of the image, from 0; all by default.
        meaning : str, optional
            Only channels that show this, as in ``"DNA"``.
        search : str, optional
            Only images that are found by these words, or by the link to a search.
        network : pathlib.Path, optional
            Your own network in ONNX, instead of the one that is shipped.
        **known
            What else is known of the image: ``axes``, ``z``, ``t``, ``region``,
            ``label``, ``labels``, ``rgb``.

        Returns
        -------
        SimilarImages
            ``to_dataframe()`` makes a table; `notes` say what must be known of it.

        Raises
        ------
        ComparisonRefused
            When there is nothing to be seen, or something that was asked for is not
            there.
        MissingExtra
            When `mode` is ``"structure"`` and ``napari-cellib[similar]`` is missing.
        """
        from napari_cellib.compare.looking import look_for  # numbers: 0.3 s

        job = look_for(
            self,
            image,
            self._settings or Settings.load(),
            opening={"pixel_size_um": pixel_size_um, **known},
            mode=mode,
            network=network,
            limit=limit,
            channel=channel,
            meaning=meaning,
            search=search,
        )
        return drive(job)


def open_library(
    where: str | Path | None = None, settings: Settings | None = None
) -> OpenLibrary:
    """Open a library; see `library.open_library`."""
    return _for_notebooks(handles.open_library(where, settings))


def open_libraries(*where: str | Path, settings: Settings | None = None) -> OpenLibrary:
    """Open several libraries, to be searched as one; see `library.open_libraries`."""
    return _for_notebooks(handles.open_libraries(*where, settings=settings))


def _for_notebooks(opened: handles.OpenLibrary) -> OpenLibrary:
    return OpenLibrary(opened.library, settings=opened._settings)
