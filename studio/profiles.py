"""Profiles of keys: what other annotation programs publish as their defaults, for hands that know those.

A profile gives keys to commands, tools and drawing keys by their names; all others keep theirs, but for keys that the
profile gives to something else. Sources: CVAT's user guide, "Shortcuts"; labelme's documented default configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Given = Mapping[str, tuple[str, ...]]
"""Keys by name, as Qt writes them."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Keys that hands from elsewhere expect."""

    title: str
    keys: Given = field(default_factory=lambda: MappingProxyType({}))


OWN = "boxwright"
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        OWN: Profile("Boxwright"),
        "cvat": Profile(
            "CVAT",
            MappingProxyType(
                {
                    "image.next": ("F",),
                    "image.previous": ("D",),
                    "annotate.draw_again": ("N",),
                    "shape.union": ("M",),
                    "tool.knife": ("Alt+M",),
                    "show.lock": ("L",),
                    "show.lock_all": ("T, L",),
                    "show.hide_selected": ("H",),
                    "view.hide": ("T, H",),
                    "tool.rotated_box": ("Alt+R",),  # T alone would hide both of these
                    "edit.copy_on": ("Ctrl+B",),
                    "edit.delete": ("Del", "Shift+Del"),
                    "image.remove": ("Alt+Del",),
                    "help.change_keys": ("F2",),
                    "view.fit": ("Ctrl+F",),
                    **{f"annotate.class_{n}": (f"Ctrl+{n}",) for n in range(1, 10)},
                }
            ),
        ),
        "labelme": Profile(
            "labelme",
            MappingProxyType(
                {
                    "image.next": ("D", "Ctrl+Shift+D"),
                    "image.previous": ("A", "Ctrl+Shift+A"),
                    "tool.polygon": ("Ctrl+N",),
                    "tool.box": ("Ctrl+R",),
                    "tool.select": ("Ctrl+J",),
                    "annotate.search_class": ("Ctrl+E",),
                    "view.fit": ("Ctrl+F",),
                    "view.hide": ("T",),
                    "file.import_folder": ("Ctrl+U",),
                }
            ),
        ),
    }
)
