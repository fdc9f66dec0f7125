"""The real window drawn without a screen: what it shows is there, dark and light, and the user's settings are not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.geometry.shapes import Box
from engine.project import detections, runs
from engine.project.records import Detection
from engine.project.store import Project
from engine.samples import create_sample
from studio.screenshots import SIZE, first_suggested

SCRIPT = """
import sys
from pathlib import Path
from studio.__main__ import Window
print(*Window().render(Path(sys.argv[1]), Path(sys.argv[2])), sep="\\n")
"""


@pytest.fixture
def project_path(tmp_path: Path) -> Path:
    path = tmp_path / "sample.boxwright"
    with create_sample(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        detections.put(project, 22, run_id, [Detection(0, 22, 1, 0.9, Box(40, 40, 90, 90))])
    return path


def test_the_first_image_with_suggestions_is_shown(project_path: Path, tmp_path: Path) -> None:
    with Project.open(project_path) as project:
        assert first_suggested(project) == 22
    with create_sample(tmp_path / "other.boxwright") as project:
        assert first_suggested(project) is None


def test_the_window_is_drawn_dark_and_light(project_path: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    variables = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home), "QT_SCALE_FACTOR": "1"}
    command = [sys.executable, "-c", SCRIPT, str(project_path), str(tmp_path)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    dark, light = (np.asarray(Image.open(path).convert("L"), dtype=float) for path in done.stdout.splitlines())
    assert dark.shape == light.shape == (SIZE.height(), SIZE.width())
    assert light.mean() - dark.mean() > 40
    middle = np.s_[300:600, 500:900]
    assert np.abs(dark[middle] - light[middle]).mean() < 1  # the picture itself is the same
    assert dark[middle].std() > 5
    assert not list(home.rglob("settings.ini"))


def test_a_folder_that_cannot_be_written_is_named(project_path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(project_path), str(tmp_path / "nowhere")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "UserError" in done.stderr and "cannot be written" in done.stderr
