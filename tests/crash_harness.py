"""Kills a program at random moments while it works, and tells what it had acknowledged by then.

A victim writes one line after each thing it has finished. `kill` ends it with SIGKILL (on Windows TerminateProcess) at
a moment it cannot foresee, and returns the lines it had written whole. A victim is any command (the studio itself), or
a function, which starts in milliseconds.

    for _ in range(200):
        lines = kill(command_victim([sys.executable, "-m", "studio", ...]), chance)
        ...  # open the file: everything in `lines` must be there
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

Acknowledge: TypeAlias = Callable[[str], None]
"""Writes one line where `kill` reads it; it outlives the victim."""


@dataclass(frozen=True, slots=True)
class Victim:
    """A running process and the lines that it writes."""

    lines: Iterator[str]
    """Whole lines as they come; ends with the process."""
    kill: Callable[[], object]
    wait: Callable[[], object]


def command_victim(command: Sequence[str], **options: Any) -> Victim:
    """Start a command that writes its lines on stdout; options as of subprocess.Popen."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, **options)
    assert process.stdout is not None
    return Victim(
        (line.decode().rstrip() for line in process.stdout if line.endswith(b"\n")), process.kill, process.wait
    )


def function_victim(function: Callable[..., None], *arguments: object) -> Victim:
    """Run `function(acknowledge, *arguments)`, a function of a module, in a process of its own."""
    context = prepared(function.__module__)
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(writer, function, arguments), daemon=True)
    process.start()
    writer.close()
    return Victim(_received(reader), process.kill, process.join)


def prepared(*modules: str) -> Any:
    """A way to start processes that have modules imported already, where there is one.

    There is one for all tests of a process: whoever asks first says what is imported, also for those after it.
    """
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", *modules])
    kept = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))  # the server does not inherit sys.path
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH") if kept is None else os.environ.update(PYTHONPATH=kept)
    return context


def kill(victim: Victim, chance: random.Random, *, longest: float = 0.1) -> list[str]:
    """Kill a victim at random; returns the lines it had written.

    Mostly it dies up to `longest` seconds after its first line; one time in four so long after its start, whatever it
    is doing then, such as cleaning up after the one before.
    """
    first = [next(victim.lines, "")] if chance.random() < 0.75 else []
    time.sleep(chance.random() * longest)
    victim.kill()
    victim.wait()
    return [line for line in (*first, *victim.lines) if line]


def _received(reader: Connection) -> Iterator[str]:
    with reader:
        while True:
            try:
                yield reader.recv_bytes().decode()
            except EOFError:
                return


def _run(writer: Connection, function: Callable[..., None], arguments: Sequence[object]) -> None:
    function(lambda line: writer.send_bytes(line.encode()), *arguments)
