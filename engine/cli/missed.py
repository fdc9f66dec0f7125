"""The command that says why annotations were missed: autopsy, over the images of a split."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli.evaluation import run_id
from engine.evaluation.coco_tables import IouType
from engine.inspecting.misses import AutopsyRequest, Begun, Examined, Miss, SplitAutopsy
from engine.progress import finish
from engine.project.records import SPLITS, Split
from engine.project.store import Project
from engine.tracing.outlook import in_words
from engine.tracing.verdicts import TITLES, Asked

_MOST_ROWS = 20


@click.command()
@project_argument
@click.option("--run", default="latest", show_default=True, metavar="latest|ID", help="Whose network missed them.")
@click.option("--split", type=click.Choice([*SPLITS, "all"]), default="val", show_default=True, help="On which images.")
@click.option("--image", "images", multiple=True, type=int, metavar="ID", help="Instead: only on these images.")
@click.option("--iou", type=click.FloatRange(0.01, 0.99), default=0.5, show_default=True, help="That counts.")
@click.option("--score", type=click.FloatRange(0, 1), default=0.0, help="Detections below count as not shown.")
@click.option("--iou-type", type=click.Choice(["bbox", "segm"]), help="By boxes or masks; by default masks if any.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@json_option
def autopsy(path: Path, output: Output, **options: Any) -> None:
    """Say of every annotation that a run's network missed which stage lost it, and what would have kept it.

    What counts as found is what `evaluate` counts; each picture is looked at as a whole. Ctrl-C tells of the images
    that are done.
    """
    heard = _Heard(output.show)
    with Project.open(path, read_only=True) as project, stoppable(heard) as hear:
        from engine.inspecting.split_autopsy import autopsies  # noqa: PLC0415  # torch loads only where it is needed

        try:
            found = finish(autopsies(project, _request(options)), hear)
        except KeyboardInterrupt:
            if heard.begun is not None:
                _tell(heard.begun.done(heard.examined), output)
            raise
    _tell(found, output)


class _Heard:
    """What was done so far."""

    def __init__(self, show: Callable[[object], None]) -> None:
        self.begun: Begun | None = None
        self.examined: list[Examined] = []
        self._show = show

    def __call__(self, event: object) -> None:
        if isinstance(event, Begun):
            self.begun = event
        if isinstance(event, Examined):
            self.examined.append(event)
        self._show(event)


def _request(options: dict[str, Any]) -> AutopsyRequest:
    split = None if options["split"] == "all" else cast(Split, options["split"])
    return AutopsyRequest(
        run_id(options["run"]), split, options["images"] or None, Asked(options["iou"], options["score"]),
        cast("IouType | None", options["iou_type"]), options["device"],
    )  # fmt: skip


def _tell(found: SplitAutopsy, output: Output) -> None:
    result = {
        "run": found.run_id, "split": found.split, "iou_type": found.iou_type, "iou": found.asked.iou,
        "score": found.asked.score, "images": found.n_images, "waiting": found.n_waiting,
        "unlike": found.n_unlike, "tiled": found.n_tiled,
        "truths": found.n_truths, "found": found.n_found, "lost": found.lost,
        "items": [_item(each) for each in found.misses],
    }  # fmt: skip
    output.emit(result, _in_words(found))


def _item(miss: Miss) -> dict[str, Any]:
    return {
        "image": miss.image_id, "image_name": miss.image_name, "annotation": miss.annotation_id,
        "class": miss.class_name, "stage": miss.loss, "words": miss.words,
        "remedy": None if miss.setting is None else {"setting": miss.setting, "value": miss.value},
        "then": miss.then,
    }  # fmt: skip


def _in_words(found: SplitAutopsy) -> str:
    what = "masks" if found.iou_type == "segm" else "boxes"
    lines = [
        f"run {found.run_id} on {found.n_images} images: {found.n_found} of {found.n_truths} annotations found "
        f"({what}, IoU {found.asked.iou:g}, score {found.asked.score:g})"
    ]
    lines += [f"  {TITLES[loss]:<40} {n:>6}" for loss, n in found.lost.items()]
    lines += [_line(each) for each in found.misses[:_MOST_ROWS]]
    if len(found.misses) > _MOST_ROWS:
        lines.append(f"and {len(found.misses) - _MOST_ROWS} more: --json lists all")
    if found.n_waiting:
        lines.append(f"{found.n_waiting} images were not looked at any more")
    if found.n_tiled:
        lines.append(f"predict looks at {found.n_tiled} of the images in tiles, and may find other things there")
    if found.n_unlike:
        lines.append(f"on {found.n_unlike} images the replay differs from the network's own result")
    return "\n".join(lines)


def _line(miss: Miss) -> str:
    then = "" if miss.then is None else f" {in_words(miss.then)}"
    return f"{miss.image_name}, {miss.class_name} {miss.annotation_id}: {miss.words}{then}"
