"""A trace as one file: arrays as safetensors, everything else as JSON in its header. No torch is needed to read it.

Arrays of a file that is opened are mapped, not read: looking at one stage of a large trace costs what that stage is.

The header's metadata: `boxwright_trace` is the version, `trace` the JSON: origin, checks and stages; of a stage its
kind and its fields in order, arrays as {"array": NAME} with the name under which they are in the file.
"""

from __future__ import annotations

import dataclasses
import json
import mmap
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from engine.errors import UserError
from engine.tracing import rule_text
from engine.tracing.rules import Rules
from engine.tracing.stages import KINDS, FeatureMaps, Stage
from engine.tracing.trace import Check, Origin, Trace

VERSION = 1
_MARK = "boxwright_trace"
_LARGEST_HEADER = 1 << 26
_TYPES: Mapping[str, type[Any]] = {
    "F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "U8": np.uint8, "I8": np.int8,
    "BOOL": np.bool_,
}  # fmt: skip
"""Of arrays, by their names in safetensors' format."""


def save(trace: Trace, path: Path, *, has_features: bool = True) -> int:
    """Write a trace; returns the file's bytes. Without feature maps it is some MB smaller.

    A file that was there stays as it is until the new one is whole. Raises UserError where it cannot be written.
    """
    stages = tuple(each for each in trace.stages if has_features or not isinstance(each, FeatureMaps))
    arrays: dict[str, NDArray[Any]] = {}
    told = {
        "origin": dataclasses.asdict(trace.origin),
        "checks": [dataclasses.asdict(check) for check in trace.checks],
        "stages": [_told(stage, arrays) for stage in stages],
    }
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.touch()
        usual = beside.stat().st_mode
        save_file(arrays, beside, metadata={_MARK: str(VERSION), "trace": json.dumps(told)})
        beside.chmod(usual)  # safetensors lets nobody else read what it writes
        beside.replace(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"The trace cannot be written to {path}: {getattr(error, 'strerror', error)}.") from error
    finally:
        beside.unlink(missing_ok=True)
    return path.stat().st_size


def load(path: Path) -> Trace:
    """A trace as it was written; raises UserError where the file is none, damaged, or of a newer program."""
    try:
        content = _Content.of(path)
        told = json.loads(content.metadata["trace"])
        stages = tuple(_stage(each, content.array) for each in told["stages"])
        origin = msgspec.convert(told["origin"], Origin)
        return Trace(origin, stages, msgspec.convert(told["checks"], tuple[Check, ...]))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(f"{path} is a damaged trace: {error}.", "Trace the image again.") from error


def _told(stage: Stage, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """A stage in JSON's words; its arrays go to `arrays`."""
    values = {each.name: getattr(stage, each.name) for each in dataclasses.fields(stage)}
    told = {name: _value(f"{stage.name}.{name}", value, arrays) for name, value in values.items()}
    return {"kind": type(stage).__name__, "fields": told}


def _value(name: str, value: object, arrays: dict[str, NDArray[Any]]) -> object:
    if isinstance(value, np.ndarray):
        arrays[name] = np.ascontiguousarray(value)
        return {"array": name}
    if name.endswith(".rules"):
        return rule_text.told(value)  # type: ignore[arg-type]  # the field's type
    if isinstance(value, tuple):
        return [_value(f"{name}.{at}", each, arrays) for at, each in enumerate(value)]
    return value


def _stage(told: Mapping[str, Any], array: Callable[[str], NDArray[Any]]) -> Stage:
    """A stage as it was; raises ValueError, KeyError or TypeError where it cannot have been one."""
    kinds = {kind.__name__: kind for kind in KINDS}
    if told["kind"] not in kinds:
        raise ValueError(f"there is no stage {told['kind']!r}")
    values = {name: _back(name, value, array) for name, value in told["fields"].items()}
    stage: Stage = kinds[told["kind"]](**values)
    return stage


def _back(name: str, value: Any, array: Callable[[str], NDArray[Any]]) -> object:
    if isinstance(value, dict):
        return array(value["array"])
    if name == "rules":
        rules: Rules = rule_text.rules(value)
        return rules
    if isinstance(value, list):
        return tuple(_back("", each, array) for each in value)
    return value


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """A safetensors file, its arrays mapped."""

    header: Mapping[str, Any]
    metadata: Mapping[str, str]
    bytes: memoryview
    """Of the arrays."""

    @classmethod
    def of(cls, path: Path) -> _Content:
        """Raises ValueError where it is no such file, UserError where it is no trace."""
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if not 0 < size <= min(_LARGEST_HEADER, os.fstat(file.fileno()).st_size - 8):
                raise UserError(f"{path} is no trace.", "Traces are written by boxwright trace.")
            header = _header(path, file.read(size))
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[8 + size :]
        return cls(header, header["__metadata__"], mapped)

    def array(self, name: str) -> NDArray[Any]:
        """One of them, read where it is looked at; it cannot be changed."""
        told = self.header[name]
        start, end = told["data_offsets"]
        if not 0 <= start <= end <= len(self.bytes):
            raise ValueError(f"{name} is cut off")
        return np.frombuffer(self.bytes[start:end], dtype=_TYPES[told["dtype"]]).reshape(told["shape"])


def _header(path: Path, text: bytes) -> Mapping[str, Any]:
    """Raises UserError where it is not that of a trace which can be read here."""
    try:
        header: Any = json.loads(text)
        mark = header["__metadata__"][_MARK]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is no trace.", "Traces are written by boxwright trace.") from error
    if mark != str(VERSION):
        raise UserError(f"{path} was written by another version of Boxwright ({mark}).", "Trace the image again.")
    found: Mapping[str, Any] = header
    return found
