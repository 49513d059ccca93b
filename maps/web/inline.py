"""Built files written into a page, for pages that must open without a server or a network."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from maps.web.assets import BASE_URL, MEDIA_TYPES, STATIC_DIR, manifest, style_urls


def inline_style(entry: str) -> str:
    """Return the style sheets of an entry as one text, the fonts and images they name inside."""
    sheets = (_read(url) for url in style_urls(entry))
    return re.sub(
        rf"url\(\s*[\"']?{re.escape(BASE_URL)}([^)\"']+)[\"']?\s*\)",
        lambda found: f"url({_data_url(STATIC_DIR / found[1])})",
        "\n".join(sheets),
    )


def inline_script(entry: str) -> str:
    """Return the module of an entry as one text; the built modules that it imports become data addresses."""
    built = manifest()[entry]
    code = _read(BASE_URL + built["file"])
    for imported in built.get("imports", []):
        file = STATIC_DIR / manifest()[imported]["file"]
        code = re.sub(rf"([\"'])\./{re.escape(file.name)}\1", f'"{_data_url(file)}"', code)
    return code.replace("</script", "<\\/script")


def _read(url: str) -> str:
    return (STATIC_DIR / url.removeprefix(BASE_URL)).read_text(encoding="utf-8")


def _data_url(file: Path) -> str:
    media_type = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
    return f"data:{media_type};base64,{base64.b64encode(file.read_bytes()).decode()}"
