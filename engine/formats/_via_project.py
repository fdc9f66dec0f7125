"""The text of a VIA 2 project: the regions of every picture, and the settings without which VIA does not open it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.formats._writing import as_json


def project(regions: Mapping[str, Sequence[object]], class_names: Sequence[str], folder: Path) -> bytes:
    """A project of these regions by picture path relative to `folder`, where the pictures may already lie."""
    metadata = {}
    for name, own in regions.items():
        picture = folder / name
        size = picture.stat().st_size if picture.is_file() else -1
        metadata[f"{name}{size}"] = {"filename": name, "size": size, "regions": own, "file_attributes": {}}
    options = dict.fromkeys(class_names, "")
    described = {"type": "dropdown", "description": "", "options": options, "default_options": {}}
    content = {
        "_via_settings": _settings(),
        "_via_img_metadata": metadata,
        "_via_attributes": {"region": {"class": described}, "file": {}},
        "_via_data_format_version": "2.0.10",
        "_via_image_id_list": list(metadata),
    }
    return as_json(content, indent=1)


def _settings() -> dict[str, object]:
    """VIA's own defaults, with regions named by their class."""
    grid = {
        "img_height": 80,
        "rshape_fill": "none",
        "rshape_fill_opacity": 0.3,
        "rshape_stroke": "yellow",
        "rshape_stroke_width": 2,
        "show_region_shape": True,
        "show_image_policy": "all",
    }
    image = {
        "region_label": "class",
        "region_color": "class",
        "region_label_font": "10px Sans",
        "on_image_annotation_editor_placement": "NEAR_REGION",
    }
    return {
        "ui": {
            "annotation_editor_height": 25,
            "annotation_editor_fontsize": 0.8,
            "leftsidebar_width": 18,
            "image_grid": grid,
            "image": image,
        },
        "core": {"buffer_size": 18, "filepath": {}, "default_filepath": ""},
        "project": {"name": "boxwright"},
    }
