"""Side by side with labelme from the package index: the same 10,000 polygons on the same 8192 x 8192 picture.

labelme is installed into an environment of its own under .bench (kept until `make clean`), never into ours, and run
there as it is (`_labelme_child`), in its own window, by Qt's events. Both windows run offscreen on this machine in
turn; a frame is one pointer or scroll event and all that the window does until it waits again.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication

from tests.bench import canvas
from tests.bench._elsewhere import environment
from tests.bench._rows import Row, median, show

CHILD = Path(__file__).with_name("_labelme_child.py")
WANTED = "labelme==6.3.1"
ZOOMS = {"25 %": 0.25, "100 %": 1.0}
N_FRAMES = 60
Told = dict[str, Any]


def write_labelme(folder: Path, data: bytes, rings: list[np.ndarray]) -> Path:
    """The picture and its polygons as labelme's own file."""
    (folder / "big.jpg").write_bytes(data)
    shapes = [
        {"label": "cell", "points": ring.tolist(), "group_id": None, "shape_type": "polygon", "flags": {}}
        for ring in rings
    ]
    told: Told = {
        "version": "5.0.1",
        "flags": {},
        "shapes": shapes,
        "imagePath": "big.jpg",
        "imageData": None,
        "imageHeight": canvas.SIDE,
        "imageWidth": canvas.SIDE,
    }
    path = folder / "big.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def run_theirs(python: Path, path: Path) -> Told:
    """What labelme took, in a home of its own."""
    home = {name: str(path.parent) for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    command = [str(python), str(CHILD), str(path), *(str(side) for side in canvas.VIEW)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | home)
    found: Told = json.loads(ran.stdout.splitlines()[-1])
    return found


def run_ours(path: Path) -> Told:
    """The same of our canvas."""
    start = time.perf_counter()
    ours = canvas.Ours(path)
    found: Told = {"opened": time.perf_counter() - start}
    for name, scale in ZOOMS.items():
        ours.zoom_to(scale)
        pan = [each.wall for each in ours.pan_frames(N_FRAMES)]
        ours.zoom_to(scale)
        found[name] = {"pan": pan, "drag": [each.wall for each in ours.drag_frames(N_FRAMES)]}
    ours.close()
    return found


def rows(ours: Told, theirs: Told) -> list[Row]:
    """Medians side by side."""
    name = "labelme"
    found = [Row("open to everything painted", ours["opened"], "s", theirs["opened"], name)]
    for zoom in ZOOMS:
        if not theirs[zoom]["moved"]:
            raise RuntimeError("the vertex that was dragged in labelme has not moved")
        for what, title in (("pan", "pan"), ("drag", "drag a vertex")):
            found.append(Row(f"{title}, {zoom}, p50", median(ours[zoom][what]), "ms", median(theirs[zoom][what]), name))
    return found


def main() -> None:
    """Make the picture, run both, print."""
    python = environment("labelme", [WANTED])
    if python is None:
        print(f"{WANTED} cannot be installed here; nothing is compared.")
        return
    app = QApplication([])
    rings, data = canvas.polygons(), canvas.picture()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        canvas.make_project(folder / "big.boxwright", data, rings)
        theirs = run_theirs(python, write_labelme(folder, data, rings))
        show(rows(run_ours(folder / "big.boxwright"), theirs))
    app.quit()


if __name__ == "__main__":
    main()
