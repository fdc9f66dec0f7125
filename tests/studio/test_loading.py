"""A module is loaded as importing loads it, but one module of ours a step."""

from __future__ import annotations

import subprocess
import sys

import pytest

from studio.faces import VIEWS
from studio.loading import loading

_LOAD = """
import sys
from studio.loading import loading
import studio.app, studio.pages
list(studio.pages.PAGES)
before, most = set(sys.modules), 0
for module in sys.argv[1:]:
    for _ in loading(module):
        new = {name for name in sys.modules if name.startswith(("studio.", "engine."))} - before
        most, before = max(most, len(new)), before | new
    assert module in sys.modules
assert "torch" not in sys.modules
print(most)
"""


def test_a_step_loads_a_single_module() -> None:
    modules = [VIEWS.get(name).module for name in VIEWS.names()]
    done = subprocess.run([sys.executable, "-c", _LOAD, *modules], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert int(done.stdout) == 1


def test_what_is_loaded_already_takes_no_step() -> None:
    assert list(loading("studio.loading")) == []


def test_what_is_not_there_is_refused_as_by_importing() -> None:
    with pytest.raises(ModuleNotFoundError):
        list(loading("studio.no_such_module"))
