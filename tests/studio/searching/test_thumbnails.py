"""Thumbnails in lists are small, also where a large picture's preview stands for one."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication

from engine.project.store import Project
from studio.searching.rows import LARGEST, thumbnail_of
from tests.studio import projects


def test_a_preview_is_decoded_shrunk_and_a_thumbnail_as_it_is(qapp: QApplication, tmp_path: Path) -> None:
    path = projects.make(tmp_path / "p.boxwright", 3)
    preview = io.BytesIO()
    Image.fromarray(np.full((512, 2048, 3), 90, np.uint8)).save(preview, "JPEG")
    with Project.open(path) as project, project.atomic():
        project.execute("UPDATE thumbnails SET jpeg = ? WHERE image_id = 2", (preview.getvalue(),))
        project.execute("DELETE FROM thumbnails WHERE image_id = 3")
    with Project.open(path, read_only=True) as project:
        assert thumbnail_of(project, 1).size().toTuple() == (128, 96)
        small = thumbnail_of(project, 2)
        assert small.size().toTuple() == (LARGEST, LARGEST // 4)
        assert abs(small.pixelColor(9, 9).red() - 90) < 4
        assert thumbnail_of(project, 3).isNull()
