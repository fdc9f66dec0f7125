"""Foreign text files, read whole and safely: JSON, XML, YAML and lines; and a glance at the head of one.

Every function raises UserError naming the file, whatever is in it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar
from xml.etree.ElementTree import Element, ParseError

import msgspec
import yaml
from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeTree

from engine.errors import UserError

T = TypeVar("T")
Json: TypeAlias = object
"""What a JSON or YAML file holds: to be taken apart with `_fields`."""

MAX_JSON_BYTES = 4 << 30
MAX_TEXT_BYTES = 64 << 20
_HEAD_BYTES = 1 << 16
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}:,]')


def read_json(path: Path) -> Json:
    """A JSON file; NaN and Infinity are let through for `_fields.number` to refuse one by one."""
    return _parsed(path, "JSON", _bytes(path, MAX_JSON_BYTES), _json)


def json_in(text: str) -> Json:
    """The JSON in a text, as in a cell of a table; raises ValueError where there is none."""
    try:
        return _json(text.encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_xml(path: Path) -> Element:
    """The root of an XML file; entities and external references are refused."""
    return _parsed(path, "XML", _bytes(path, MAX_TEXT_BYTES), _xml)


def read_yaml(path: Path) -> Json:
    """A YAML file: lists and objects of text, for `yes` and `007` are names here as good as any."""
    return _parsed(path, "YAML", _bytes(path, MAX_TEXT_BYTES), _yaml)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file without their ends; only line feeds end lines."""
    lines = _decoded(_bytes(path, MAX_TEXT_BYTES)).replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def read_text(path: Path) -> str:
    """A whole text file."""
    return _decoded(_bytes(path, MAX_TEXT_BYTES))


def _bytes(path: Path, at_most: int) -> bytes:
    try:
        if not path.is_file():  # also a pipe or a device, which would never end
            raise UserError(f"{path.name} is not a file.")
        if (size := path.stat().st_size) > at_most:
            raise UserError(f"{path.name} has {size >> 20} MB; at most {at_most >> 20} MB are read.", "Split it up.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError(f"{path.name} cannot be read: {error}.") from error


def _parsed(path: Path, kind: str, data: bytes, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(data)
    except RecursionError as error:
        raise UserError(f"{path.name} is nested too deeply to be read.") from error
    except DefusedXmlException as error:
        raise UserError(f"{path.name} defines entities, which is not safe to read.") from error
    except (ValueError, LookupError, ParseError, msgspec.MsgspecError, yaml.YAMLError, MemoryError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{path.name} is not valid {kind}: {reason}.", "It may be cut off.") from error


def _json(data: bytes) -> Json:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError):  # not UTF-8, a byte order mark, NaN: the slower parser decides
        return json.loads(_decoded(data))


def _yaml(data: bytes) -> object:
    return yaml.load(_decoded(data), Loader=yaml.BaseLoader)  # builds no objects, whatever tags say


def _xml(data: bytes) -> Element:
    root = SafeTree.fromstring(data)
    if not isinstance(root, Element):
        raise ValueError("it has no root")
    return root


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else Latin-1, which always fits."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Outline:
    """What the head of a JSON file shows of its shape, without parsing it."""

    is_list: bool
    keys: frozenset[str]
    """Keys of the outermost object."""
    inner_keys: frozenset[str]
    """Keys of the objects directly inside the outermost object or list."""


def json_outline(path: Path) -> Outline | None:
    """The outline of a file whose head looks like JSON, else None; reads 64 KB and never raises."""
    head = head_of(path)
    if not head.lstrip().startswith(("{", "[")):
        return None
    keys: tuple[set[str], set[str]] = (set(), set())
    for depth, key in _keys(head):
        keys[depth - 1].add(key)
    return Outline(head.lstrip().startswith("["), frozenset(keys[0]), frozenset(keys[1]))


def head_of(path: Path) -> str:
    """The first 64 KB of a file as text, empty where it cannot be read; never raises."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            data = file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return ""
    try:
        return data.decode("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1").removeprefix("\xef\xbb\xbf")


def _keys(head: str) -> Iterator[tuple[int, str]]:
    """(depth, key) of the keys one and two levels deep; elements of an outermost list are at depth 2."""
    depth, last = 0, ""
    for token in _TOKEN.findall(head):
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif token == ":" and depth in {1, 2}:
            yield depth, last
        last = token[1:-1] if token.startswith('"') else ""
