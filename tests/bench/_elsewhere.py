"""Environments of what we are measured against, made under .bench and kept until `make clean`; never our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment(name: str, wanted: Sequence[str]) -> Path | None:
    """The Python of an environment with these packages, made where it is not there; None where it cannot be made."""
    place = ROOT / ".bench" / name
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = place / "+".join(wanted)
    if done.exists():
        return python
    uv = shutil.which("uv")
    make = [uv, "venv", "--clear", str(place)] if uv else [sys.executable, "-m", "venv", "--clear", str(place)]
    fill = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    for command in (make, [*fill, *wanted]):
        if subprocess.run(command, check=False, capture_output=True).returncode:
            return None
    done.touch()
    return python
