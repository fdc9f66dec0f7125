"""The path of a detection in words with its numbers, step by step. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.tracing.paths import AnchorStep, CutsStep, HeadStep, Path
from engine.tracing.stages import Floats
from studio.inspection import Picked
from studio.inspector.funnel import cut_words


@dataclass(frozen=True, slots=True)
class PathRow:
    """One step, and what is picked to see it."""

    words: str
    picked: Picked


def path_rows(found: Path, class_name: str) -> list[PathRow]:
    """From the result back to the anchor."""
    return list(_rows(found, class_name))


def _rows(found: Path, class_name: str) -> Iterator[PathRow]:
    result, region, guess, anchor = found.result, found.region, found.guess, found.anchor
    if result is not None:
        head = region or guess
        yield PathRow(
            f"{class_name} {result.score:.3f}: {_cuts(result)}", Picked(result.selection, head.row, head.class_index)
        )
    if region is not None:
        yield PathRow(_head(region, "Region", class_name), Picked(region.stage, region.row, region.class_index))
    if found.pool is not None:
        pool = found.pool
        words = f"RoIAlign: {pool.size} × {pool.size} bins from stride {pool.stride:g}"
        yield PathRow(words, Picked("pooling", pool.row))
    if found.proposal is not None:
        words = f"Proposal {_size(found.proposal.box_model)}: {_cuts(found.proposal)}"
        yield PathRow(words, Picked(found.proposal.selection, guess.row))
    yield PathRow(
        _head(guess, "Guess", "object" if found.proposal is not None else class_name),
        Picked(guess.stage, guess.row, guess.class_index),
    )
    column, row = anchor.cell
    place = f"number {anchor.slot + 1} of cell ({column}, {row}), stride {anchor.stride:g}"
    yield PathRow(
        f"{anchor_word(anchor).capitalize()} {_size(anchor.box_model)}: {place}", Picked("anchors", anchor.anchor)
    )


def anchor_word(step: AnchorStep) -> str:
    """What one of this detector's anchors is called."""
    words = {"default boxes": "default box", "priors": "prior", "cells": "cell"}
    return words.get(step.called, "anchor")


def _cuts(step: CutsStep) -> str:
    """How it came through, or where it ended."""
    if step.place >= 0:
        return f"number {step.place + 1} of those left"
    if not step.standings:
        return "below the first threshold"
    last = step.standings[-1]
    by = f", at IoU {last.iou:.3f} with a surer one" if last.suppressor >= 0 else ""
    return f"dropped by “{cut_words(last.rule)}”{by}"


def _head(step: HeadStep, name: str, of: str) -> str:
    terms = ", ".join(f"{each:+.2f}" for each in step.terms.tolist())
    return f"{name}: {of} {step.score:.3f} (logit {step.logit:.2f}), moved by {terms} to {_size(step.box_model)}"


def _size(box: Floats) -> str:
    return f"{box[2] - box[0]:.0f} × {box[3] - box[1]:.0f} px"
