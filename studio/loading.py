"""Loading: a module of ours with all that it needs, one module a step, for a thread that must not stand still."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

_OURS = ("engine.", "studio.")


def loading(name: str) -> Iterator[None]:
    """Load a module of ours as importing does, but one module a step: what it needs comes before itself."""
    yield from _loading(name, set())
    importlib.import_module(name)  # it says so where there is none


def _loading(name: str, seen: set[str]) -> Iterator[None]:
    if name in sys.modules or name in seen:
        return
    seen.add(name)
    package = name.rpartition(".")[0]
    if package:
        yield from _loading(package, seen)
    if not package or hasattr(sys.modules[package], "__path__"):  # else it is a name in a module
        spec = find_spec(name)
        if spec is not None:
            for needed in _needed(spec):
                yield from _loading(needed, seen)
            importlib.import_module(name)
            yield


def _needed(spec: ModuleSpec) -> list[str]:
    """What a module imports at its top of this program, in its order: modules, and names that may be some."""
    source = getattr(spec.loader, "get_source", lambda _: None)(spec.name)
    found = []
    for line in ast.parse(source or "").body:
        if isinstance(line, ast.ImportFrom) and line.module and not line.level:
            found += [line.module, *(f"{line.module}.{each.name}" for each in line.names)]
        elif isinstance(line, ast.Import):
            found += [each.name for each in line.names]
    return [each for each in found if each.startswith(_OURS)]
