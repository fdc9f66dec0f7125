"""Autopsies of a split: every miss has a stage, the counts add up, and what is found is what an evaluation finds."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine import cli
from engine.cli._output import Output
from engine.detecting.ready_made import Foreign
from engine.detecting.suggesting import DetectRequest, judge
from engine.errors import UserError
from engine.evaluation.coco_tables import IouType
from engine.evaluation.comparison import comparison
from engine.evaluation.matching import match
from engine.inspecting.misses import AutopsyRequest, Begun, Examined, SplitAutopsy
from engine.inspecting.split_autopsy import autopsies
from engine.progress import finish
from engine.project import annotations, classes, images
from engine.project.records import Annotation
from engine.project.store import Project
from engine.tracing.verdicts import LOSSES, Asked
from engine.training.imported_runs import import_run


def looked_into(project: Project, request: AutopsyRequest) -> SplitAutopsy:
    return finish(autopsies(project, request))


def found_by_evaluation(project: Project, request: AutopsyRequest, iou_type: IouType) -> tuple[int, set[int]]:
    """Annotations that are asked for, and the ids of those that are found."""
    asked = DetectRequest(request.run_id, request.split, request.image_ids, "cpu")
    tables = finish(judge(project, asked)).tables
    compared = comparison(tables, iou_type, 1000)
    matched = match(compared, request.asked.iou)
    scores = compared.found.scores[matched.found_by]
    is_found = (matched.found_by >= 0) & (scores >= request.asked.score)
    return int((~compared.truths.is_crowd).sum()), set(compared.truths.ids[is_found].tolist())


@pytest.mark.parametrize(
    ("iou_type", "asked"), [("bbox", Asked(0.3, 0.2)), ("segm", Asked()), ("segm", Asked(0.75, 0.1))]
)
def test_what_is_found_is_what_an_evaluation_finds(trained: Project, iou_type: IouType, asked: Asked) -> None:
    request = AutopsyRequest(1, None, asked=asked, iou_type=iou_type, device="cpu")
    made = looked_into(trained, request)
    n_truths, found = found_by_evaluation(trained, request, iou_type)
    every = {each.id for image in images.all_images(trained) for each in annotations.of_image(trained, image.id)}
    assert (made.n_truths, made.n_found) == (n_truths, len(found))
    assert {each.annotation_id for each in made.misses} == every - found
    assert (made.n_images, made.n_waiting, made.n_unlike) == (6, 0, 0)


def test_every_miss_has_a_stage_and_the_counts_add_up(trained: Project) -> None:
    made = looked_into(trained, AutopsyRequest(1, None, asked=Asked(0.75), device="cpu"))
    assert made.iou_type == "segm"  # the network gives masks, and some are annotated
    assert made.lost == Counter(each.loss for each in made.misses)
    assert list(made.lost) == [loss for loss in LOSSES if loss in made.lost]
    assert made.n_truths == made.n_found + sum(made.lost.values())
    assert made.misses
    for each in made.misses:
        assert each.words.endswith(".")
        assert (each.setting is None) == (each.value is None)


def test_crowds_are_not_asked_for_and_unknown_classes_say_so(trained: Project) -> None:
    image = images.all_images(trained, "val")[0]
    first, second, *_ = annotations.of_image(trained, image.id)
    with trained.atomic():
        annotations.replace(trained, [replace(first, is_crowd=True)])
    before = looked_into(trained, AutopsyRequest(1, "val", device="cpu"))
    n_val = sum(len(annotations.of_image(trained, each.id)) for each in images.all_images(trained, "val"))
    assert before.n_truths == n_val - 1
    assert first.id not in {each.annotation_id for each in before.misses}
    with trained.atomic():
        new = classes.add(trained, "never seen")
        (odd,) = annotations.add(trained, [Annotation(0, image.id, new, second.shape)])
    after = looked_into(trained, AutopsyRequest(1, image_ids=(image.id,), device="cpu"))
    assert {each.annotation_id: each.loss for each in after.misses}[odd] == "unknown_class"


def test_stopping_keeps_what_was_done(trained: Project) -> None:
    work = autopsies(trained, AutopsyRequest(1, None, device="cpu"))
    begun = next(work)
    assert isinstance(begun, Begun)
    examined = [next(work), next(work)]
    work.close()
    assert all(isinstance(each, Examined) for each in examined)
    made = begun.done(examined)
    assert (made.n_images, made.n_waiting) == (2, 4)
    assert made.n_truths == sum(each.n_truths for each in examined)
    assert [each.progress.done for each in examined] == [1, 2]


def test_without_a_run_or_images_it_is_said(trained: Project) -> None:
    with pytest.raises(UserError):
        looked_into(trained, AutopsyRequest(99))
    with pytest.raises(UserError, match="no images"):
        looked_into(trained, AutopsyRequest(1, "test"))


def test_the_command_prints_the_table_and_every_miss(trained: Project, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["autopsy", str(trained.path), "--split", "all", "--iou", "0.75", "--device", "cpu", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    made = looked_into(trained, AutopsyRequest(1, None, asked=Asked(0.75), device="cpu"))
    assert (said["run"], said["truths"], said["found"], said["lost"]) == (1, made.n_truths, made.n_found, made.lost)
    assert [item["annotation"] for item in said["items"]] == [each.annotation_id for each in made.misses]
    assert {"image", "annotation", "class", "stage", "words", "remedy"} <= said["items"][0].keys()
    assert cli.main(["autopsy", str(trained.path), "--split", "all", "--iou", "0.75", "--device", "cpu"]) == 0
    assert f"{made.n_found} of {made.n_truths} annotations found" in capsys.readouterr().out


def test_a_stopped_command_tells_of_what_was_done(
    trained: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_after_one(_: Output, event: object) -> None:
        if isinstance(event, Examined):
            raise KeyboardInterrupt

    monkeypatch.setattr(Output, "show", stop_after_one)
    capsys.readouterr()
    assert cli.main(["autopsy", str(trained.path), "--split", "all", "--device", "cpu", "--json"]) == cli.INTERRUPTED
    said = json.loads(capsys.readouterr().out)
    assert (said["images"], said["waiting"]) == (1, 5)


@pytest.fixture
def coco(tmp_path: Path, shared: Path) -> Project:
    """COCO's pictures and the shared weights for them, as a run."""
    torch.set_num_threads(1)
    path = tmp_path / "coco.boxwright"
    assert cli.main(["new", str(path)]) == 0
    assert cli.main(["import", str(path), str(shared / "data" / "coco_mini" / "instances.json")]) == 0
    return Project.open(path)


def test_yolo_on_real_pictures(coco: Project, shared: Path) -> None:
    with coco:
        run_id = import_run(coco, Foreign("yolo", shared / "weights" / "yolox_nano_coco.pth"))
        chosen = tuple(each.id for each in images.all_images(coco)[:6])
        request = AutopsyRequest(run_id, None, chosen, device="cpu")
        made = looked_into(coco, request)
        n_truths, found = found_by_evaluation(coco, request, "bbox")
        assert (made.n_truths, made.n_found, made.n_unlike) == (n_truths, len(found), 0)
        assert {each.annotation_id for each in made.misses}.isdisjoint(found)
        assert not {"anchors", "refinement", "unasked"} & made.lost.keys()
        assert len(made.misses) > 5
        shown = looked_into(coco, replace(request, asked=Asked(score=0.5)))
        assert shown.n_found < made.n_found and shown.lost["shown"] == made.n_found - shown.n_found
