"""The routes: every module that exposes `router` is part of the application. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import APIRouter

#: Asked most often, so matched first; every route before the right one costs each request a little.
OFTEN = ("services", "ogc", "ogc_features", "ogc_tiles")


def find_routers() -> list[APIRouter]:
    """Return the routers, pages last: their `/{lang}/` would take what others name, as `/maps/activities`."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    names.sort(key=lambda name: (name == "pages", name.endswith("_pages"), name not in OFTEN, name))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [module.router for module in modules if hasattr(module, "router")]
