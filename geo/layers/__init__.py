"""The layers: every module here that exposes `layer` is one. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import Any

from geo.layers.base import Layer
from geo.queries.visibility import visible_to
from geo.vocabulary import ANONYMOUS, Viewer


@cache
def layers() -> MappingProxyType[str, Layer[Any]]:
    """Return all layers by id, in the order of their ids."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    ]
    found: list[Layer[Any]] = [module.layer for module in modules if hasattr(module, "layer")]
    return MappingProxyType({layer.id: layer for layer in sorted(found, key=lambda layer: layer.id)})


@cache
def layers_for(viewer: Viewer = ANONYMOUS) -> MappingProxyType[str, Layer[Any]]:
    """Return the layers that a viewer may know of, by id."""
    open_ones = visible_to(viewer)
    return MappingProxyType({id_: layer for id_, layer in layers().items() if layer.visibility in open_ones})
