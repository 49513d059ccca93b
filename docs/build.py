"""Writes the parts of the documentation that follow from the code: `python -m docs.build` (`make docs`).

A page marks such a part with `<!-- name -->` and `<!-- /name -->`; what lies between is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from api.cli import build_app
from api.rights import GuardedRoute, guarded_routes
from geo.accounts.rights import RIGHTS, Right
from geo.layers import layers_for
from geo.layers.base import Layer
from geo.settings import Settings
from geo.vocabulary import LANGS, Role

DOCS = Path(__file__).parent


def settings_table() -> str:
    """Return every setting, its default and what it does."""
    rows = [
        f"| `QUARTIER_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | what it decides |", "|---|---|---|", *rows])


def _default(field: Any) -> str:
    if field.default_factory:
        return "see below"
    return "none" if field.default in (None, "") else f"`{field.default}`"


def commands_table() -> str:
    """Return every command of `quartier`, its arguments and what it does."""
    root = typer.main.get_command(build_app())
    rows = [f"| `{' '.join(words)}` | {help_}{options} |" for words, help_, options in _commands(root)]
    return "\n".join(["| command | does |", "|---|---|", *rows])


def _commands(command: Any, words: tuple[str, ...] = ("quartier",)) -> Iterator[tuple[list[str], str, str]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*words, name))
        return
    arguments = [each.name.upper() for each in command.params if _is_argument(each)]
    shown = [each for each in command.params if not getattr(each, "hidden", False)]
    options = [f"`{each.opts[-1]}`" for each in shown if not _is_argument(each)]
    summary = (command.help or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    yield [*words, *arguments], summary, f" Options: {', '.join(options)}." if options else ""


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def layer_pages() -> str:
    """Return a section per layer: its titles, properties, filters, legend and attribution."""
    return "\n\n".join(_layer(layer) for layer in layers_for().values())


def _layer(layer: Layer[Any]) -> str:
    lines = [
        f"## {layer.id}",
        "",
        " · ".join(f"{getattr(layer.title, lang)} ({lang})" for lang in LANGS),
        "",
        f"{layer.description.en} Geometry: {layer.geometry}. Attribution: "
        f"{', '.join(each.text for each in layer.attribution)}.",
        "",
        "| property | type | title |",
        "|---|---|---|",
        *(f"| `{each.name}` | {each.type} | {each.title.en} |" for each in layer.properties),
        "",
        "| filter | what it asks |",
        "|---|---|",
        *(f"| `{name}` | {field.description} |" for name, field in layer.filters.model_fields.items()),
    ]
    if layer.style.by:
        lines += ["", f"Drawn by `{layer.style.by}`: "]
        lines[-1] += ", ".join(f"{each.value} (`{each.colour}`)" for each in layer.style.legend) + "."
    return "\n".join(lines)


def roles_table() -> str:
    """Return which role gives which right."""
    head = ["| right |", "|---|"]
    for role in Role:
        head = [f"{head[0]} {role.value.replace('_', ' ')} |", f"{head[1]}:-:|"]
    rows = [
        f"| `{right.value}` | " + " | ".join("●" if right in RIGHTS[role] else "" for role in Role) + " |"
        for right in Right
    ]
    return "\n".join([*head, *rows])


def routes_table() -> str:
    """Return which route asks for which right."""
    guarded = sorted((each for each in guarded_routes() if each.right), key=_in_order)
    rows = [f"| {each.method} | `{each.path}` | `{each.right}` |" for each in guarded]
    return "\n".join(["| method | address | right |", "|---|---|---|", *rows])


def _in_order(route: GuardedRoute) -> tuple[str, str, str]:
    return str(route.right), route.path, route.method


#: Page → name of the part → what writes it.
PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "deployers.md": {"settings": settings_table, "commands": commands_table},
    "layers.md": {"layers": layer_pages},
    "rights.md": {"roles": roles_table, "routes": routes_table},
}


def rebuilt(page: str) -> str:
    """Return a page with its generated parts as the code wants them now."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for name, write in PARTS[page].items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"docs/{page} has no part <!-- {name} -->")
        text = f"{before}{begin}\n{write()}\n\n{end}{after}"
    return text


if __name__ == "__main__":
    for page in PARTS:
        (DOCS / page).write_text(rebuilt(page), encoding="utf-8")
