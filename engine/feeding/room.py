"""How much memory is free, and how much of it a training may take to keep what is costly to make again."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_SHARE = 1 / 3
"""Of what is free: the network, the window and everybody else need the rest."""
_UNKNOWN_BYTES = 6 << 30
"""Taken to be free where the system does not tell: a third of it is 2 GiB."""
_LEAST_BYTES = 128 << 20
"""Some hundred small pictures: without them a training would mostly decode."""


class Room:
    """Bytes that may be kept, taken bit by bit by whoever shares it."""

    def __init__(self, n_bytes: int | None = None) -> None:
        """As many as given, or a share of what is free now."""
        self.n_bytes = room_bytes() if n_bytes is None else n_bytes
        self.n_taken = 0

    def take(self, n_bytes: int) -> bool:
        """Take so many, if they are there."""
        if self.n_taken + n_bytes > self.n_bytes:
            return False
        self.n_taken += n_bytes
        return True


def room_bytes(n_sharing: int = 1) -> int:
    """Bytes that each of `n_sharing` processes on this machine may keep."""
    available = available_bytes()
    free = _UNKNOWN_BYTES if available is None else available
    return max(int(_SHARE * free), _LEAST_BYTES) // n_sharing


def available_bytes() -> int | None:
    """Main memory that can be had without driving anything out; None where the system does not tell.

    Inside a container it is what the container has left, where that is less.
    """
    found = [each for each in (_of_the_system(), _of_the_container()) if each is not None]
    return min(found, default=None)


def _of_the_system() -> int | None:
    if sys.platform == "win32":
        return _of_windows()
    kilobytes = _numbers(Path("/proc/meminfo")).get("MemAvailable:")
    if kilobytes is not None:
        return 1024 * kilobytes
    names = os.sysconf_names
    if "SC_AVPHYS_PAGES" in names:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if "SC_PHYS_PAGES" in names:  # macOS tells what there is, not what is free
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None


def _of_the_container(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What a control group (version 2) has left: its limit less what cannot be dropped; None where it has none."""
    try:
        limit = int((folder / "memory.max").read_text())
        used = int((folder / "memory.current").read_text())
    except (OSError, ValueError):
        return None
    droppable = _numbers(folder / "memory.stat").get("inactive_file", 0)
    return max(limit - used + droppable, 0)


def _numbers(path: Path) -> dict[str, int]:
    """The first number of each line by its first word."""
    try:
        rows = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = [
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "available", "a", "b", "c", "d", "e")),
    ]


def _of_windows() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available)
