"""Which process on which computer did something, and whether it still runs: as the project file remembers it.

A process id alone is not enough, since it comes back: in a container the same program often has the same id after a
restart. So a process is known by its computer, its id and the moment it started.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process, alive or not."""

    host: str
    pid: int
    started: str
    """A mark that no other process of this computer with the same id has; '' where the system does not tell."""

    @classmethod
    def current(cls) -> Process:
        """This process."""
        pid = os.getpid()
        return cls(socket.gethostname(), pid, started(pid) or "")

    @classmethod
    def parsed(cls, text: str) -> Process | None:
        """The process that `str` wrote, or None for any other text."""
        pid, _, rest = text.partition(" ")
        mark, _, host = rest.partition(" ")
        return cls(host, int(pid), mark) if pid.isascii() and pid.isdigit() else None

    def __str__(self) -> str:
        return f"{self.pid} {self.started} {self.host}"

    @property
    def is_gone(self) -> bool:
        """Whether it certainly does not run any more; of another computer's processes nobody here can know."""
        return self.host == socket.gethostname() and started(self.pid) != self.started


def started(pid: int) -> str | None:
    """When the process with this id started, as a mark without blanks; None when there is no such process here."""
    if pid <= 0:
        return None
    if sys.platform == "win32":
        return _started_on_windows(pid)
    if Path("/proc/self/stat").exists():
        return _started_on_linux(pid)
    return started_by_ps(pid)


def _started_on_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before the bracket may hold blanks and brackets
    state, ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{boot[:8]}-{ticks}"


def started_by_ps(pid: int) -> str | None:
    """As `started`, by asking `ps`: for macOS and the BSDs."""
    try:
        answer = subprocess.run(
            ["ps", "-o", "state=", "-o", "lstart=", "-p", str(pid)],
            capture_output=True, text=True, timeout=10, check=False, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return _whether_there(pid)
    state, _, mark = answer.stdout.strip().partition(" ")
    return None if not mark or state.startswith("Z") else "_".join(mark.split())


def _whether_there(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _MAY_ASK = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
    _STILL_ACTIVE = 259

    def _started_on_windows(pid: int) -> str | None:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = wintypes.HANDLE(kernel.OpenProcess(_MAY_ASK, False, pid))
        if not handle:
            return "" if ctypes.get_last_error() == 5 else None  # 5: access denied, so it is there
        try:
            code, created, *others = wintypes.DWORD(), *(wintypes.FILETIME() for _ in range(4))
            kernel.GetExitCodeProcess(handle, ctypes.byref(code))
            kernel.GetProcessTimes(handle, ctypes.byref(created), *(ctypes.byref(other) for other in others))
        finally:
            kernel.CloseHandle(handle)
        if code.value != _STILL_ACTIVE:
            return None
        return str(created.dwHighDateTime << 32 | created.dwLowDateTime)
