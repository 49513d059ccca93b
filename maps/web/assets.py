"""Built files: from the name in the source to the hashed address that browsers may keep for ever."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

STATIC_DIR: Final = Path(__file__).with_name("static")
BASE_URL: Final = "/static/"
MEDIA_TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".png": "image/png",
}


class AssetsMissing(RuntimeError):
    """The web files were not built yet; says how."""


@lru_cache
def _manifest(built_ns: int) -> dict[str, dict[str, Any]]:
    path = STATIC_DIR / "manifest.json"
    manifest: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def manifest() -> dict[str, dict[str, Any]]:
    """Return Vite's manifest, read again only when a new build replaced it."""
    try:
        built_ns = (STATIC_DIR / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        raise AssetsMissing("The web files are not built: run `npm run build` in maps/web.") from None
    return _manifest(built_ns)


def asset_url(name: str) -> str:
    """Return the address of the file built from `name`, for example `src/main.ts` or `sprite.svg`."""
    return BASE_URL + str(manifest()[name]["file"])


def style_urls(entry: str) -> list[str]:
    """Return the addresses of the style sheets that an entry brings along."""
    return [BASE_URL + str(file) for file in manifest()[entry].get("css", [])]


def find_asset(path: str, accepted: str) -> tuple[Path, str | None, str] | None:
    """Return the file for a request, its content encoding and its media type, or None.

    Parameters
    ----------
    path : str
        What follows `/static/`; anything that leaves the folder is not found.
    accepted : str
        The request's Accept-Encoding.
    """
    try:
        file = (STATIC_DIR / path).resolve()
        if not file.is_relative_to(STATIC_DIR.resolve()) or not file.is_file():
            return None
    except (OSError, ValueError):  # longer than a name can be, or with a null byte in it
        return None
    media_type = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        packed = file.with_name(file.name + suffix)
        if encoding in accepted and packed.is_file():
            return packed, encoding, media_type
    return file, None, media_type
