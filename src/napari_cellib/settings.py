"""Where things are kept and how patient we are: a value that is passed down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping


_CIL = {
    "CELLIB_CIL_DUMP": "dump",
    "CELLIB_CIL_API": "api",
    "CELLIB_CIL_SITE": "site",
    "CELLIB_CIL_KEY": "key",
}


class CilAddresses(BaseModel):
    """Where the Cell Image Library is found on the web, and how it is asked."""

    model_config = ConfigDict(frozen=True)

    dump: str = Field(
        default="https://github.com/slash-segmentation/CIL_Public_Data_JSON"
        "/archive/refs/heads/master.zip",
        description="zip of all public records",
    )
    api: str = Field(
        default="https://cilia.crbs.ucsd.edu/rest",
        description="service that answers those who have a key",
    )
    site: str = "https://www.cellimagelibrary.org"
    files: str = "https://cildata.crbs.ucsd.edu"
    moved: dict[str, str] = Field(
        default={".flv": "_web.mp4"},
        description="how addresses of files end or begin today, by how they did",
    )
    pause_s: float = Field(
        default=1.0, ge=0, description="shortest time between two questions, s"
    )
    key: SecretStr | None = Field(
        default=None, exclude=True, description="user:password for the service"
    )

    def current(self, url: str) -> str:
        """Return the address that a file has today."""
        for old, new in self.moved.items():
            if old.startswith(".") and url.endswith(old):
                return url.removesuffix(old) + new
            # Not another host, or folder, whose name begins in the same way.
            whole = f"{url}/".startswith(f"{old.rstrip('/')}/")
            if whole and url.startswith(old):
                return new + url.removeprefix(old)
        return url


class Settings(BaseModel):
    """The settings of one session.

    Nothing in the package keeps a global copy: whoever needs a setting is given
    the value, so a test or a notebook can work beside the user's own libraries.
    """

    model_config = ConfigDict(frozen=True)

    data_folder: Path = Field(description="folder that holds the user's libraries")
    default_library: str = Field(
        default="demo", description="library that is opened when none is named"
    )
    timeout_s: float = Field(
        default=20.0, gt=0, description="longest wait for one answer of a server, s"
    )
    eager_bytes: int = Field(
        default=64_000_000,
        ge=0,
        description="images up to this size, in bytes, are read whole when opened",
    )

    release_addresses: dict[str, str] = Field(
        default_factory=dict,
        description="URL or file of ontology releases that do not come from the usual "
        "place, by ontology",
    )
    packages_folder: Path = Field(
        default_factory=lambda data: data["data_folder"] / "packages",
        description="folder for packages of which only the picture files are used",
    )

    cache_folder: Path = Field(
        default_factory=lambda data: data["data_folder"] / "cache",
        description="folder of images that were downloaded to be looked at",
    )
    cache_bytes: int = Field(
        default=20_000_000_000,
        gt=0,
        description="most bytes that are kept in it, and the largest file that comes",
    )

    memory_bytes: int = Field(
        default=1_000_000_000,
        gt=0,
        description="most bytes of memory for streamed pixels: those that are kept, on "
        "the way, and shown",
    )
    chunk_cache_bytes: int = Field(
        default=10_000_000_000,
        gt=0,
        description="most bytes of streamed images that are kept on the disk, besides "
        "those that were kept for offline use",
    )
    offline: bool = Field(
        default=False,
        description="show only what is in the cache, ask no server for images",
    )

    cil: CilAddresses = Field(
        default=CilAddresses(), description="addresses of the Cell Image Library"
    )

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings of this user.

        Parameters
        ----------
        environment : mapping of str to str, optional
            Defaults to the process's own. ``CELLIB_DATA`` names the data folder,
            ``CELLIB_LIBRARY`` the default library, ``CELLIB_PACKAGES`` the folder
            of the demo's packages, ``CELLIB_CACHE`` that of downloaded images,
            ``CELLIB_OFFLINE=1`` lets no server be asked for pixels,
            ``CELLIB_RELEASES`` addresses of ontology
            releases, as in ``go=https://example.org/go.obo;cl=/data/cl.obo``,
            ``CELLIB_CIL_DUMP``, ``CELLIB_CIL_API`` and ``CELLIB_CIL_SITE`` addresses
            of the Cell Image Library, ``CELLIB_CIL_KEY`` the key to its service, as
            in ``user:password``.

        Returns
        -------
        Settings
            The user's settings.
        """
        env = os.environ if environment is None else environment
        data = _path(env.get("CELLIB_DATA")) or _user_folder()
        values: dict[str, object] = {"data_folder": data}
        if packages := _path(env.get("CELLIB_PACKAGES")):
            values["packages_folder"] = packages
        if cache := _path(env.get("CELLIB_CACHE")):
            values["cache_folder"] = cache
        if env.get("CELLIB_OFFLINE", "0") not in ("", "0"):
            values["offline"] = True
        if library := env.get("CELLIB_LIBRARY"):
            values["default_library"] = library
        values["cil"] = {name: env[key] for key, name in _CIL.items() if env.get(key)}
        if releases := env.get("CELLIB_RELEASES"):
            pairs = (pair.partition("=") for pair in releases.split(";"))
            values["release_addresses"] = {
                name.strip(): address.strip() for name, sign, address in pairs if sign
            }
        return cls.model_validate(values)

    @property
    def libraries_folder(self) -> Path:
        """Folder with one subfolder per embedded library."""
        return self.data_folder / "libraries"

    @property
    def terms_folder(self) -> Path:
        """Folder of the user's own store of ontology terms."""
        return self.data_folder / "terms"

    @property
    def searches_folder(self) -> Path:
        """Folder of the searches that the user has saved."""
        return self.data_folder / "searches"

    @property
    def drafts_folder(self) -> Path:
        """Folder of what the user has typed of images to be deposited."""
        return self.data_folder / "drafts"

    @property
    def annotations_folder(self) -> Path:
        """Folder of what was said of images and is not in a library yet."""
        return self.data_folder / "annotations"

    @property
    def depositions_folder(self) -> Path:
        """Folder of the depositions that the user has handed in."""
        return self.data_folder / "depositions"

    @property
    def downloads_folder(self) -> Path:
        """Folder of files that were downloaded to be taken in."""
        return self.data_folder / "downloads"

    @property
    def answers_folder(self) -> Path:
        """Folder of servers' answers, kept so that the same need not come again."""
        return self.data_folder / "answers"


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _user_folder() -> Path:
    from platformdirs import user_data_path  # 10 ms that a bare import need not pay

    return user_data_path("napari-cellib", appauthor=False)
