"""Errands that listen: each answers one question after the other, as an Asker puts them, for as long as there are any.

As in `studio.errands`, modules of the engine load on demand, in the worker. What a question is answered from, as a
network, is loaded once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from engine.errors import UserError
from engine.project.store import Project
from studio.looks import LookAt, Looked
from studio.orders import Failure, Listening
from studio.prompts import NO_NETWORK, Prompt, Prompted

if TYPE_CHECKING:
    from engine.detecting.prompting import Prompter
    from engine.inspecting.tracer import Tracer
    from engine.tracing.trace import Trace

Q = TypeVar("Q")
A = TypeVar("A")


def answers(answer: Callable[[Q], A]) -> Generator[Listening | A, Q, None]:
    """Listen, answer, and listen again."""
    while True:
        question = yield Listening()
        yield answer(question)


def answer_boxes(project: Project, device: str = "auto") -> Generator[Listening | Prompted, Prompt, None]:
    """Answer prompts with masks."""
    from engine.detecting.prompting import Prompter  # noqa: PLC0415

    prompter = Prompter(device)
    yield from answers(lambda prompt: _answered(project, prompter, prompt))


def _answered(project: Project, prompter: Prompter, prompt: Prompt) -> Prompted:
    from engine.detecting.prompting import Asked  # noqa: PLC0415

    try:
        masker = prompter.masker(project, prompt.run_id)
    except UserError:
        return Prompted(prompt, refusal=NO_NETWORK)
    try:
        if not prompt.boxes:
            prompter.look(project, masker, prompt.image_id)
            return Prompted(prompt)
        asked = Asked(prompt.image_id, prompt.boxes, prompt.class_ids)
        return Prompted(prompt, tuple(prompter.masks(project, masker, asked)))
    except UserError as error:
        return Prompted(prompt, refusal=Failure(error.message, error.hint))


def watch_images(project: Project, device: str = "auto") -> Generator[Listening | Looked, LookAt, None]:
    """Watch networks on images, and write their traces."""
    from engine.inspecting.tracer import Tracer  # noqa: PLC0415

    tracer = Tracer(device)
    yield from answers(lambda look: _looked(project, tracer, look))


def _looked(project: Project, tracer: Tracer, look: LookAt) -> Looked:
    from engine.tracing.files import save  # noqa: PLC0415

    try:
        # What is asked afterwards is on the same feature maps, which are most of a trace's bytes.
        save(_seen(project, tracer, look), look.path, has_features=not look.is_more)
    except UserError as error:
        return Looked(look, Failure(error.message, error.hint))
    return Looked(look)


def _seen(project: Project, tracer: Tracer, look: LookAt) -> Trace:
    if look.asks_more:
        return tracer.asked_more()
    if look.boxes:
        boxes = np.frombuffer(look.boxes, np.float32).reshape(-1, 4).copy()  # torch wants what it may write to
        return tracer.asked_about(boxes, np.frombuffer(look.parents, np.int64).copy())
    if look.is_lesson:
        return tracer.lessons(project, look.image_id, look.run_id)
    return tracer.trace(project, look.image_id, look.run_id)
