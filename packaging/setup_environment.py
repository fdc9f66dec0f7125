"""Make the environment `.venv` of this checkout, or reuse it; then, where a command is given, run it in there.

    python3 packaging/setup_environment.py                     only make or reuse the environment
    python3 packaging/setup_environment.py boxwright demo      ... and then run this program of it

Needs nothing but Python's standard library and runs on any Python 3 from 3.8 on; the environment itself has 3.11 or
newer, found by uv where there is one, else looked for. What is installed are the pinned packages of
`packaging/pins-dev.txt` and this checkout, editable. A stamp in the environment remembers what was installed, so that a
second call only looks at it. System libraries that Qt needs on Linux are installed where that is allowed without
asking (root, or sudo without a password, with apt-get), else they are named in one line to paste.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Sequence

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "boxwright-stamp"
PINS = ROOT / "packaging" / "pins-dev.txt"
OLDEST, NEWEST = (3, 11), (3, 14)
"""The Pythons for which every pinned package is published."""
PYTHON_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python")

DRAWING_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""What Qt needs on Linux to draw at all, even without a screen -> the Debian package that has it."""

SCREEN_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What Qt needs in addition to open a window on an X screen."""


class SetupError(Exception):
    """Something a person has to do first, said in one line."""


def main(arguments: Sequence[str]) -> int:
    """Set up, then run the program of the environment that `arguments` name, if any; returns the exit code."""
    try:
        ensure_libraries()
        ensure_environment()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"Set-up stopped: '{' '.join(error.cmd)}' failed.", file=sys.stderr)
        return 2
    return run_program(arguments) if arguments else 0


def run_program(arguments: Sequence[str]) -> int:
    """Become the program that the first argument names; on Windows, which cannot, wait for it: its exit code."""
    program = str(PYTHON.with_name(arguments[0] + PYTHON.suffix))
    if os.name != "nt":
        os.execv(program, [program, *arguments[1:]])
    return subprocess.call([program, *arguments[1:]])


def ensure_environment() -> None:
    """Make `.venv` hold exactly what is pinned; does nothing when its stamp says that it does."""
    wanted = stamp()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    if STAMP.exists():
        STAMP.unlink()
    uv = find_uv()
    if not OLDEST <= version_of(str(PYTHON)) <= NEWEST:
        make_environment(uv)
    install(uv, "-r", str(PINS))
    install(uv, "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    STAMP.write_text(wanted, encoding="utf-8")


def stamp() -> str:
    """What the environment is made from, as a hash: the pins, pyproject.toml, this script and the machine's kind."""
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for path in (PINS, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def find_uv() -> str | None:
    """A uv that works, or None."""
    uv = shutil.which("uv")
    return uv if uv and succeeds(uv, "--version") else None


def make_environment(uv: str | None) -> None:
    """An empty `.venv` with a Python that will do, in place of whatever was there."""
    if uv:
        wanted = f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
        run(uv, "venv", "--quiet", "--clear", "--python", wanted, str(ENVIRONMENT))
        return
    python = find_python()
    if not succeeds(python, "-c", "import ensurepip, venv"):
        install_packages(["python3-venv"], "Python's venv module is missing")
    run(python, "-m", "venv", "--clear", str(ENVIRONMENT))


def find_python() -> str:
    """A Python that will do; raises SetupError when there is none."""
    for name in (sys.executable, *PYTHON_NAMES):
        python = shutil.which(name)
        if python and OLDEST <= version_of(python) <= NEWEST:
            return python
    raise SetupError(
        f"Boxwright needs Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}, and this machine has none: "
        "install one, or install uv, which brings its own."
    )


def version_of(python: str) -> tuple[int, int]:
    """(major, minor) of a Python, or (0, 0) where it does not run."""
    try:
        words = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=True
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    return (int(words[0]), int(words[1]))


def install(uv: str | None, *arguments: str) -> None:
    """Install packages into `.venv`, by uv or else by pip; compiled at once, as every process that imports torch would
    else compile 2,000 modules anew where Python is told to write no bytecode."""
    if uv:
        run(uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON), *arguments)
    else:
        run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def ensure_libraries() -> None:
    """Install the system libraries that are missing on Linux; raises SetupError where that is not allowed."""
    if not sys.platform.startswith("linux"):
        return
    needed = dict(DRAWING_LIBRARIES, **(SCREEN_LIBRARIES if os.environ.get("DISPLAY") else {}))
    missing = [name for name in needed if not is_loadable(name)]
    if missing:
        install_packages([needed[name] for name in missing], "Qt needs " + ", ".join(missing))


def install_packages(packages: list[str], reason: str) -> None:
    """Install Debian packages where that is allowed without asking; raises SetupError with the line to paste."""
    line = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    apt = shutil.which("apt-get")
    if not apt:
        raise SetupError(f"{reason}: install what Debian calls {' '.join(packages)}.")
    is_root = os.geteuid() == 0
    if not is_root and not (shutil.which("sudo") and succeeds("sudo", "-n", "true")):
        raise SetupError(f"{reason}. Paste this line, then try again: sudo {' '.join(line)}")
    print(f"{reason}: installing {' '.join(packages)}", file=sys.stderr)
    before = [] if is_root else ["sudo", "-n"]
    run(*before, "apt-get", "update", "--quiet")
    run(*before, *line)


def is_loadable(library: str) -> bool:
    """Whether the system finds and loads this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def succeeds(*command: str) -> bool:
    """Whether a command can be run and exits with 0."""
    try:
        return (
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        )
    except OSError:
        return False


def run(*command: str) -> None:
    """Run a command that has to succeed, its output on stderr; raises CalledProcessError."""
    print("$ " + " ".join(command), file=sys.stderr)
    subprocess.run(command, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
