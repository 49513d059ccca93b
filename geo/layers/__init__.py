"""The layers: every module here that exposes `layer` is one. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import Any

from geo.layers.base import Layer


@cache
def layers() -> MappingProxyType[str, Layer[Any]]:
    """Return all layers by id, in the order of their ids."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    ]
    found: list[Layer[Any]] = [module.layer for module in modules if hasattr(module, "layer")]
    return MappingProxyType({layer.id: layer for layer in sorted(found, key=lambda layer: layer.id)})
