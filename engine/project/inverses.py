"""Inverses of edits as bytes for `history`, and back.

Packing a value holds the interpreter, and with it the window, until it is done: so ten thousand rows are packed and
unpacked some hundred at a time.
"""

from collections.abc import Iterator

import msgspec

from engine.project.restoring import Restore, Rows

_PIECE = 256
"""Rows that are packed at once: one to three milliseconds."""


class _Piece(Rows, frozen=True, omit_defaults=True):
    """Some of the rows of a step."""

    goes_on: bool = False
    """Whether it is a part of the same step as the piece before it."""


class _Packed(msgspec.Struct, frozen=True):
    """A Restore of which every piece is packed by itself."""

    steps: tuple[msgspec.Raw, ...]


_ENCODER = msgspec.msgpack.Encoder()
_PACKED = msgspec.msgpack.Decoder(_Packed)
_PIECES = msgspec.msgpack.Decoder(_Piece)


def encoded(restore: Restore) -> bytes:
    """What a row of `history` is to hold."""
    pieces = (piece for step in restore.steps for piece in _pieces(step))
    return _ENCODER.encode(_Packed(tuple(msgspec.Raw(_ENCODER.encode(piece)) for piece in pieces)))


def decoded(packed: bytes) -> Restore:
    """What a row of `history` holds; raises ValueError when it is damaged."""
    steps: list[list[_Piece]] = []
    try:
        for raw in _PACKED.decode(packed).steps:
            piece = _PIECES.decode(raw)
            if piece.goes_on and steps:
                steps[-1].append(piece)
            else:
                steps.append([piece])
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    return Restore(tuple(map(_joined, steps)))


def _pieces(step: Rows) -> Iterator[_Piece]:
    """The step in parts; one of few rows is one part, and looks as a step does."""
    n = max(len(step.added), len(step.changed), len(step.removed))
    for start in range(0, max(n, 1), _PIECE):
        part = slice(start, start + _PIECE)
        yield _Piece(
            step.table,
            step.columns,
            step.added[part],
            step.changed[part],
            step.removed[part],
            goes_on=start > 0,
        )


def _joined(pieces: list[_Piece]) -> Rows:
    first = pieces[0]
    return Rows(
        first.table,
        first.columns,
        tuple(row for piece in pieces for row in piece.added),
        tuple(row for piece in pieces for row in piece.changed),
        tuple(key for piece in pieces for key in piece.removed),
    )
