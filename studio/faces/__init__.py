"""The gallery workspace: people, faces without a name, who a probe is and why. SEAM in `views`: one file per view.

What is shown and picked is in `model`; each view is one question about the same people and faces.

people_pane, person_pane    everybody as cards; one person with all of their faces
unknown_pane                faces without a name, those that look alike together
identify_pane               1:K: probe_strip, verdict_pane, decision_chart (who is how far), rule_pane (what decides);
                            probe_telling says what of studio.identifying they show, decision_words how
compare_pane, comparing     1:1: face_place, tower_picture (how a distance comes about), every embedder side by side
map_pane                    map_picture of map_points: map_making works out places, map_marks draws them in a thread;
                            map_people is its legend
curves_pane                 how well faces are recognised
embedders                   which there are, and which can be had
spread_chart, spreads       where a distance lies among the gallery's own
taking                      faces to ask about, from files, drops and the clipboard
saving                      what a view draws, as files
in_sight                    views are brought up to date while somebody looks at them
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from engine.registry import Registry
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.model import FacesModel


@dataclass(frozen=True, slots=True)
class FacesView:
    """One view of the page Faces."""

    title: str
    position: int
    """From left to right among the views."""
    pane: str
    """'studio.faces.map_pane:MapPane': the widget that it is; it loads when it is wanted."""
    help: str
    """One sentence: the question it answers, for tips."""

    @property
    def module(self) -> str:
        """Where its pane is defined."""
        return self.pane.partition(":")[0]

    def widget(self, studio: Studio, model: FacesModel) -> QWidget:
        """Its pane, loaded and made."""
        made: QWidget = getattr(import_module(self.module), self.pane.partition(":")[2])(studio, model)
        return made


VIEWS: Registry[FacesView] = Registry("studio.faces.views", "VIEW")


def in_order() -> list[tuple[str, FacesView]]:
    """Every view with its name, from left to right."""
    return sorted(VIEWS, key=lambda pair: pair[1].position)
