"""The examples of docs/developers.md run, and their answers have the documented members and types."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs/developers.md"
BASE = "http://localhost:8000"


class Example(NamedTuple):
    """A curl line of the page, and the answer that the page shows for it."""

    method: str
    url: str
    body: str | None
    status: int
    answer: Any


def _examples() -> list[Example]:
    blocks = re.findall(r"^```(sh|json)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    found: list[Example] = []
    for language, block in blocks:
        if language == "json":
            found[-1] = found[-1]._replace(answer=json.loads(block))
        else:
            found += [_read(line) for line in block.splitlines() if line]
    return found


def _read(line: str) -> Example:
    words = shlex.split(line, comments=True)
    assert words[0] == "curl", line
    url = next(word for word in words if word.startswith("http"))
    body = words[words.index("-d") + 1] if "-d" in words else None
    status = re.search(r"# (\d{3})$", line)
    default = 201 if body else 200
    return Example("POST" if body else "GET", url, body, int(status[1]) if status else default, None)


def _differences(shown: Any, told: Any, where: str = "answer") -> list[str]:
    """Say which documented members the real answer lacks, or has in another type; null is any type."""
    if isinstance(shown, dict):
        if not isinstance(told, dict):
            return [f"{where} is {type(told).__name__}, not an object"]
        found = [f"{where}.{name} is missing" for name in shown if name not in told]
        for name in shown.keys() & told.keys():
            found += _differences(shown[name], told[name], f"{where}.{name}")
        return found
    if isinstance(shown, list):
        if not isinstance(told, list):
            return [f"{where} is {type(told).__name__}, not a list"]
        if shown and not told:
            return [f"{where} is empty"]
        return _differences(shown[0], told[0], f"{where}[0]") if shown and told else []
    kinds = {int: "number", float: "number"}
    same = kinds.get(type(shown), type(shown)) == kinds.get(type(told), type(told))
    return [] if shown is None or told is None or same else [f"{where} is {told!r}, shown as {shown!r}"]


@pytest.mark.parametrize("example", _examples(), ids=lambda example: example.url.removeprefix(BASE)[:80])
async def test_example_runs(client: httpx.AsyncClient, example: Example) -> None:
    headers = {"Content-Type": "application/json"} if example.body else {}
    answer = await client.request(
        example.method, example.url.removeprefix(BASE), content=example.body, headers=headers
    )
    assert answer.status_code == example.status, answer.text
    if example.answer is not None:
        assert _differences(example.answer, answer.json()) == []


def test_differences_are_noticed() -> None:
    assert _differences({"a": 1}, {"b": 1}) == ["answer.a is missing"]
    assert _differences({"a": [{"b": "x"}]}, {"a": [{"b": 3}]}) == ["answer.a[0].b is 3, shown as 'x'"]
    assert _differences({"a": [1]}, {"a": []}) == ["answer.a is empty"]
    assert _differences({"a": None, "b": 1}, {"a": "x", "b": 2.5}) == []
