"""Tables, one file a noun. Importing the package fills `Base.metadata`."""

import importlib
import pkgutil

from geo.models.base import Base

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["Base"]
