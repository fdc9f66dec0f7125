"""The drop-ins of a seam: a drop-in is called what its file is called.

Listing the names reads the folder and imports nothing; asking for one imports that file alone. Files whose name starts
with an underscore are the seam's own and no drop-ins.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Generic, TypeVar, cast

from engine.errors import UserError

T = TypeVar("T")


class Registry(Generic[T]):
    """The drop-ins found in one package, each a module with one named object in it."""

    def __init__(self, package: str, attribute: str) -> None:
        """Look for drop-ins in `package`; each module there holds its drop-in under the name `attribute`."""
        self.package = package
        self.attribute = attribute

    def names(self) -> list[str]:
        """Every drop-in's name in alphabetical order, without importing any."""
        spec = find_spec(self.package)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"{self.package} is not a package")
        found = pkgutil.iter_modules(list(spec.submodule_search_locations))
        return sorted(module.name for module in found if not module.name.startswith("_"))

    def get(self, name: str) -> T:
        """The drop-in called `name`; raises UserError with the known names when there is none."""
        module = sys.modules.get(f"{self.package}.{name}")
        if not name.startswith("_") and hasattr(module, self.attribute):  # the folder was read when it was imported
            return cast(T, getattr(module, self.attribute))
        known = self.names()
        if name not in known:
            seam = self.package.rsplit(".", 1)[-1]
            raise UserError(f"There is no {name!r} in {seam}.", f"Known: {', '.join(known)}.")
        return cast(T, getattr(importlib.import_module(f"{self.package}.{name}"), self.attribute))

    def __iter__(self) -> Iterator[tuple[str, T]]:
        """Import every drop-in and yield (name, drop-in)."""
        return ((name, self.get(name)) for name in self.names())
