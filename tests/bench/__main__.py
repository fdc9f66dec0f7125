"""Runs every benchmark of this folder but the long ones, or those named, in turn and prints one table.

The exit code is 1 if a limit broke.
"""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench._rows import ROWS_FILE, Row, surroundings, table

FOLDER = Path(__file__).parent
LONG = {"training"}
"""Run only when they are named: they take as long as they are given."""


def main(names: Sequence[str]) -> int:
    """Run the benchmarks called `names`, or all; returns the exit code."""
    known = [module.name for module in pkgutil.iter_modules([str(FOLDER)]) if not module.name.startswith("_")]
    if unknown := set(names) - set(known):
        print(f"There is no benchmark {', '.join(sorted(unknown))}. Known: {', '.join(known)}.", file=sys.stderr)
        return 2
    for variable, value in (("OMP_NUM_THREADS", "1"), ("QT_QPA_PLATFORM", "offscreen")):
        os.environ.setdefault(variable, value)
    rows: list[Row] = []
    failed: list[str] = []
    for name in names or sorted(set(known) - LONG):
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        code, found = run(name)
        rows += found
        failed += [name] * (code != 0)
        print(f"   {time.perf_counter() - start:.1f} s{'' if code == 0 else f', exit code {code}'}\n", flush=True)
    print(f"{surroundings()}\n\n{table(rows)}")
    failed += [row.what for row in rows if not row.is_kept]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nEvery benchmark ran, every limit is kept.")
    return 1 if failed else 0


def run(name: str) -> tuple[int, list[Row]]:
    """Run one benchmark in a process of its own; returns its exit code and the rows that it showed."""
    with tempfile.TemporaryDirectory() as folder:
        collected = Path(folder) / "rows"
        command = [sys.executable, "-m", f"tests.bench.{name}"]
        code = subprocess.call(command, env=os.environ | {ROWS_FILE: str(collected)})
        lines = collected.read_text(encoding="utf-8").splitlines() if collected.exists() else []
    return code, [Row(**json.loads(line)) for line in lines]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
