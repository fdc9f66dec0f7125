"""Where pretrained weights come from: torchvision's official ones by name, a local file, or none at all.

Official weights are downloaded once into the user's cache; what was interrupted goes on where it stopped, and nothing
is used whose SHA-256 does not begin as its file name says ('mobilenet_v2-7ebf99e0.pth').
"""

from __future__ import annotations

import hashlib
import pickle
import re
import struct
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import platformdirs
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.errors import UserError

Source: TypeAlias = Literal["official", "file", "none"]
Bytes: TypeAlias = tuple[int, int | None]
"""Bytes so far and bytes in all (None where the server does not say)."""
Opener: TypeAlias = Callable[[Request], IO[bytes]]

_CHUNK_BYTES = 1 << 18
_OFFLINE_HINT = "Give a local file with --weights PATH, or start from scratch with --weights none."
_SECONDS_OF_SILENCE = 20.0
"""After so long without an answer a server counts as one that cannot be reached."""


class UnreachableError(UserError):
    """The place that publishes some weights cannot be reached from here."""


def _opened(request: Request) -> IO[bytes]:
    reply: IO[bytes] = urlopen(request, timeout=_SECONDS_OF_SILENCE)
    return reply


@dataclass(frozen=True, slots=True)
class Official:
    """Weights that somebody publishes under a name."""

    name: str
    url: str

    @property
    def file_name(self) -> str:
        return self.url.rsplit("/", 1)[-1]

    @property
    def sha256_prefix(self) -> str:
        """The start of the file's SHA-256, from its name; raises ValueError for a name without one."""
        found = re.search(r"-([0-9a-f]{8,64})\.\w+$", self.file_name)
        if found is None:
            raise ValueError(f"{self.file_name} does not hold a hash")
        return found[1]


@dataclass(frozen=True, slots=True)
class WeightsReport:
    """What a training starts from: where the weights came from and how much of the network they filled."""

    source: Source
    name: str = ""
    """The official name, or the file's path."""
    n_matched: int = 0
    n_wanted: int = 0
    unused: tuple[str, ...] = ()
    """Tensors in the file that have no place in the network, or another shape there."""
    lack: str = ""
    """Why it starts from scratch although weights were wanted; empty where they were not."""

    def __str__(self) -> str:
        """In words, as the window and the command line show it."""
        if self.source == "none":
            return f"from scratch: {self.lack or 'no pretrained weights'}"
        what = "official weights" if self.source == "official" else "weights from"
        return f"{what} {self.name}: {self.n_matched} of {self.n_wanted} tensors"


def cache_folder() -> Path:
    """Where downloaded weights are kept for this user."""
    return platformdirs.user_cache_path("boxwright", appauthor=False) / "weights"


def fetch(official: Official, folder: Path, opener: Opener = _opened) -> Generator[Bytes, None, Path]:
    """The official file in `folder`, downloaded unless it is there; yields how far it is, returns its path.

    Raises UnreachableError where there is no way to it, and UserError when the download broke off or what came is not
    what was published.
    """
    path, partial = folder / official.file_name, folder / f"{official.file_name}.part"
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield from _download(official.url, partial, opener)
        _check(partial, official)
        partial.replace(path)
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        kind = UnreachableError if isinstance(error, URLError) else UserError
        raise kind(f"The official weights {official.name} cannot be had: {reason}.", _OFFLINE_HINT) from error
    return path


def _download(url: str, partial: Path, opener: Opener) -> Iterator[Bytes]:
    """Append to `partial` what it lacks of the file at `url`, or write it anew where the server cannot resume."""
    have = partial.stat().st_size if partial.exists() else 0
    try:
        reply = opener(Request(url, headers={"Range": f"bytes={have}-"} if have else {}))
    except HTTPError as error:
        if error.code == 416:  # nothing is lacking
            return
        raise
    with reply:
        resumed = getattr(reply, "status", None) == 206
        yield from _write(reply, partial, have if resumed else 0)


def _write(reply: IO[bytes], partial: Path, have: int) -> Iterator[Bytes]:
    headers: Mapping[str, str] = getattr(reply, "headers", None) or {}
    length = headers.get("Content-Length")
    total = have + int(length) if length else None
    with partial.open("ab" if have else "wb") as file:
        while chunk := reply.read(_CHUNK_BYTES):
            file.write(chunk)
            have += len(chunk)
            yield have, total
    if total is not None and have < total:
        raise OSError(f"the connection broke after {have} of {total} bytes; try again to go on from there")


def _check(partial: Path, official: Official) -> None:
    with partial.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(official.sha256_prefix):
        partial.unlink()
        raise UserError(f"The download of {official.name} is damaged: its SHA-256 is {digest[:16]}.", _OFFLINE_HINT)


def read(path: Path) -> dict[str, Tensor]:
    """The tensors in a .safetensors or a PyTorch file, by name; nothing in the file is ever executed.

    Raises UserError when there is no such file or it holds anything but tensors.
    """
    try:
        found: Any = load_file(path) if path.suffix == ".safetensors" else _unpickled(path)
    except FileNotFoundError as error:
        raise UserError(f"There is no weights file {path}.", _OFFLINE_HINT) from error
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
        raise UserError(f"{path} cannot be read as weights: {_first_line(error)}.") from error
    tensors = {name: value for name, value in found.items() if isinstance(value, Tensor)} if found else {}
    if not tensors:
        raise UserError(f"{path} holds no weights: a file of named tensors is needed.")
    return tensors


_OF_NO_PICKLE = (LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, struct.error, MemoryError)
"""What else comes of taking any bytes, a text or a picture, for a pickle."""


def _unpickled(path: Path) -> dict[str, Any]:
    """A state dict from torch.save, also inside the usual wrappings of training scripts."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except _OF_NO_PICKLE as error:
        raise pickle.UnpicklingError("it is no file that torch.save wrote") from error
    for key in ("state_dict", "model", "model_state_dict"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    return found if isinstance(found, dict) else {}


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].split(". ", 1)[0]


@dataclass(frozen=True, slots=True)
class Naming:
    """How names in a weights file map to names in a network: drop one prefix, put another."""

    theirs: str = ""
    ours: str = ""

    def renamed(self, name: str) -> str | None:
        """The network's name for their tensor, or None when it does not start as theirs do."""
        return self.ours + name.removeprefix(self.theirs) if name.startswith(self.theirs) else None


def adopt(
    network: nn.Module, tensors: Mapping[str, Tensor], namings: Sequence[Naming]
) -> tuple[WeightsReport, tuple[str, ...]]:
    """Copy the tensors that fit by name and shape into `network`, under whichever naming fits most.

    Returns a report (of a file: whoever knows more says so) and the names, in the network, of what was copied. Raises
    UserError when fewer than half of the tensors that the naming aims at are filled.
    """
    own = network.state_dict()
    naming, matched = max(((each, _fitting(own, tensors, each)) for each in namings), key=lambda pair: len(pair[1]))
    n_wanted = sum(name.startswith(naming.ours) for name in own)
    if 2 * len(matched) < n_wanted:
        raise UserError(f"These weights are of another network: {len(matched)} of {n_wanted} tensors fit.")
    network.load_state_dict({ours: tensors[theirs] for ours, theirs in matched.items()}, strict=False)
    unused = tuple(sorted(set(tensors) - set(matched.values())))
    return WeightsReport("file", "", len(matched), n_wanted, unused), tuple(sorted(matched))


def _fitting(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], naming: Naming) -> dict[str, str]:
    """Their name by our name, for every tensor that has a place and the shape of it."""
    pairs = ((naming.renamed(theirs), theirs) for theirs in tensors)
    return {
        ours: theirs
        for ours, theirs in pairs
        if ours is not None and ours in own and own[ours].shape == tensors[theirs].shape
    }
