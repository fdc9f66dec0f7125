"""Modules and methods of a network watched while it runs, without a change to what they give.

Modules by torch's forward hooks; methods by a shadow on the instance, which calls the method and keeps what came and
went. Tensors are kept as they are, not copied; dicts and lists around them are copied, as callers fill them in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from torch import nn


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """What one call was given, and what it gave."""

    args: tuple[Any, ...]
    given: Any


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """The calls of one pass, by the dotted name of what was called."""

    by_name: dict[str, list[Call]] = field(default_factory=dict)

    def add(self, name: str, args: Sequence[Any], given: Any) -> None:
        """Keep one call."""
        self.by_name.setdefault(name, []).append(Call(tuple(args), _held(given)))

    def __getitem__(self, name: str) -> Call:
        """The only call of this name; raises KeyError where there was none, or more than one."""
        calls = self.by_name.get(name, [])
        if len(calls) != 1:
            raise KeyError(f"{name} was called {len(calls)} times")
        return calls[0]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name


@contextmanager
def watching(network: nn.Module, names: Sequence[str]) -> Iterator[Calls]:
    """Calls of modules and methods, by dotted names from `network` on, as 'rpn.head' or 'rpn.filter_proposals'."""
    calls = Calls()
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(_watched(network, name, calls))
        yield calls


@contextmanager
def _watched(network: nn.Module, name: str, calls: Calls) -> Iterator[None]:
    watched = attrgetter(name)(network)
    if isinstance(watched, nn.Module):
        handle = watched.register_forward_hook(lambda _, args, given: calls.add(name, args, given))
        try:
            yield
        finally:
            handle.remove()
        return
    owner_name, _, method = name.rpartition(".")
    owner = attrgetter(owner_name)(network) if owner_name else network
    with _shadow(owner, method, lambda args, given: calls.add(name, args, given)):
        yield


@contextmanager
def _shadow(owner: Any, method: str, tell: Callable[[Sequence[Any], Any], None]) -> Iterator[None]:
    """A method of one instance replaced by one that does the same and tells of it; no other instance is touched."""
    own: Mapping[str, Any] = vars(owner)
    before, original = own.get(method), getattr(owner, method)

    def told(*args: Any, **kwargs: Any) -> Any:
        given = original(*args, **kwargs)
        tell((*args, *kwargs.values()), given)
        return given

    object.__setattr__(owner, method, told)
    try:
        yield
    finally:
        if before is None:
            object.__delattr__(owner, method)
        else:
            object.__setattr__(owner, method, before)


def _held(given: Any) -> Any:
    """The same value in containers of its own."""
    if isinstance(given, dict):
        return {key: _held(value) for key, value in given.items()}
    if type(given) in (list, tuple):
        return type(given)(_held(value) for value in given)
    return given
