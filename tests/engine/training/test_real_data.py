"""Real pictures and real weights, where they are: one pass over the nuclei teaches a network what a nucleus is."""

from pathlib import Path

import pytest

from engine.interchange.importing import ImportRequest, import_into
from engine.progress import finish
from engine.project.store import Project
from engine.training.recipe import Recipe
from engine.training.recording import queue, train_run

NARROW = {"min_side": 224, "pyramid_channels": 64, "head_channels": 128, "regions_per_image": 64}
"""Half as much to compute as what would be chosen: this is about real pictures and weights, not about how good."""


@pytest.mark.slow
def test_one_epoch_on_the_nuclei(shared: Path, tmp_path: Path) -> None:
    weights = str(shared / "weights" / "mobilenet_v2_imagenet.pth")
    recipe = Recipe(options=NARROW, weights=weights, epochs=1, threads=1)
    with Project.create(tmp_path / "nuclei.boxwright") as project:
        for split in ("train", "val"):
            folder = shared / "data" / "nuclei" / split
            finish(import_into(project, ImportRequest(folder, None, split)))  # type: ignore[arg-type]
        report = finish(train_run(project, queue(project, recipe)))
    assert report.started is not None
    assert report.ended is not None
    assert (report.started.n_train, report.started.n_val) == (80, 30)
    assert report.started.weights.n_matched == 306
    assert (report.ended.best["segm/AP50"] or 0) > 0.3
    assert (report.ended.best["segm/AP"] or 0) > 0.1
