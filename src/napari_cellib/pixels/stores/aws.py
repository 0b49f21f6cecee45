"""Who we are to S3, and where it is: from the environment and ~/.aws."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.errors import PixelsUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obstore.store import S3Config

_PLAIN = "default"
# A server of one's own has no regions, and takes the name of any.
_ANY_REGION = "us-east-1"


@dataclass(frozen=True, slots=True, repr=False)
class AwsSettings:
    """Keys, region and server; what is not known is None. Never printed."""

    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    region: str | None = None
    endpoint: str | None = None

    def config(self, bucket: str) -> S3Config:
        """Return what obstore is told; without keys it asks as nobody."""
        config: S3Config = {"region": self.region or _ANY_REGION}
        if self.endpoint:
            config["endpoint"] = self.endpoint
        if self.access_key and self.secret_key:
            config["access_key_id"] = self.access_key
            config["secret_access_key"] = self.secret_key
            if self.token:
                config["session_token"] = self.token
            return config
        config["skip_signature"] = True
        if not self.endpoint and not self.region and "." not in bucket:
            # This name leads to the bucket in whatever region it is.
            config["endpoint"] = f"https://{bucket}.s3.amazonaws.com"
            config["virtual_hosted_style_request"] = True
        return config


def find_settings(name: str, env: Mapping[str, str] | None = None) -> AwsSettings:
    """Look up the environment, then the profile that AWS_PROFILE names.

    Parameters
    ----------
    name : str
        The place, for messages.
    env : mapping of str to str, optional
        The environment; the process's own by default.

    Returns
    -------
    AwsSettings
        What was found. Keys of the environment win over those of a profile, and never
        mix with them.

    Raises
    ------
    PixelsUnreadable
        When AWS_PROFILE names a profile that is not there.
    """
    env = os.environ if env is None else env
    profile = _profile(env, name)
    keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    own = {key: env.get(key.upper()) for key in keys}
    named = "AWS_PROFILE" in env
    source = own if own["aws_access_key_id"] and not named else profile
    return AwsSettings(
        access_key=source.get("aws_access_key_id"),
        secret_key=source.get("aws_secret_access_key"),
        token=source.get("aws_session_token"),
        region=env.get("AWS_REGION")
        or env.get("AWS_DEFAULT_REGION")
        or profile.get("region"),
        endpoint=env.get("AWS_ENDPOINT_URL_S3")
        or env.get("AWS_ENDPOINT_URL")
        or profile.get("endpoint_url"),
    )


def _profile(env: Mapping[str, str], name: str) -> dict[str, str]:
    config = _read(env.get("AWS_CONFIG_FILE") or "~/.aws/config")
    keys = _read(env.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials")
    chosen = env.get("AWS_PROFILE") or _PLAIN
    section = chosen if chosen == _PLAIN else f"profile {chosen}"
    if "AWS_PROFILE" in env and section not in config and chosen not in keys:
        known = sorted({s.removeprefix("profile ") for s in (*config, *keys)})
        raise PixelsUnreadable(
            name,
            f"AWS_PROFILE names {chosen!r}, and ~/.aws has no such profile",
            fix=f"Set it to one of: {', '.join(known)}." if known else "Unset it.",
        )
    found = config.get(section, {}) | keys.get(chosen, {})
    services = config.get(f"services {found.get('services')}", {})
    for line in services.get("s3", "").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "endpoint_url":
            found["endpoint_url"] = value.strip()
    return found


def _read(file: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(
        interpolation=None, default_section="", strict=False
    )
    try:
        parser.read(Path(file).expanduser(), encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}  # asking as nobody tells more than a parser would
    return {section: dict(parser.items(section)) for section in parser.sections()}
