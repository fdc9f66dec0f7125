"""The map view: where the embedder puts every face, beside who they are and what the picture keeps."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.gallery import Vectors
from engine.gallery.unfolding import MAX_UNFOLDED
from studio.commands import named, perform
from studio.embedder_words import TIPS
from studio.faces.embedders import Embedders
from studio.faces.in_sight import InSight
from studio.faces.map_making import MapMaking, Mapped, Projection
from studio.faces.map_people import Listed, MapPeople
from studio.faces.map_picture import MapPicture
from studio.faces.map_points import NO_POINTS, MapPoints
from studio.faces.model import Faces, FacesModel
from studio.faces.saving import ChartSaver
from studio.faces.verdict_pane import NameField
from studio.inspector.segments import Segments
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

SIDE = 240
NO_FACES = "No faces yet: drop a folder for each person on People."
NO_EMBEDDER = "No embedder yet: choose one at the right, and every face gets its place."
STRAIGHT = (
    "Seen straight from where faces differ most: {share:.0%} of their differences show. Faces that lie together here "
    "may be far apart in what is left out; only distances decide."
)
NEIGHBOURS = (
    "Who is near whom is kept. How far groups are apart and how wide they are means nothing here, and what belongs "
    "together may be parted; only distances decide."
)


class MapPane(QWidget):
    """The map, and beside it what it shows and what is selected on it."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the model's faces."""
        super().__init__()
        self._studio, self._model = studio, model
        self._embedders = Embedders(studio, self)
        self._making = MapMaking(studio.session, self)
        self.mapped: Mapped | None = None
        self._made_for: tuple[int | None, Vectors] | None = None
        self._listed: Faces | None = None
        """What the list of people was made of."""
        self._embedder_id: int | None = None
        """Whose map is shown, where somebody chose another one than that in use."""
        self._people: dict[int, int] = {}
        """The number of each person's colour and mark, by identity."""
        self.picture = MapPicture(studio.theme, model.crop, self.words)
        self.embedder = QComboBox()
        self.embedder.setAccessibleName("Embedder of the map")
        self.way = Segments(
            ("Straight", "Neighbours"), ("As far as two directions show it", "Keep neighbours together")
        )
        self.tool = Segments(("Lasso", "Rectangle"), ("Draw around faces", "Draw a rectangle around faces"))
        self.about, self.state, self.chosen = (role(QLabel(), "faint") for _ in range(3))
        self.people = MapPeople(studio.theme)
        self.name = NameField()
        self.identify = QPushButton("Identify them")
        self.fit, self.save = QPushButton("Fit"), QPushButton("Save picture…")
        self.nothing = role(QLabel(), "faint")
        self._lay_out()
        ChartSaver(studio, model, self, lambda: {"map": self.picture})
        self._listen()

    def words(self, template_id: int) -> str:
        """What is said of a face on the map."""
        template = self._model.templates.get(template_id)
        if template is None:
            return ""
        name = self._model.name(template.identity_id) or "Nobody yet"
        said = f"{name}: {template.state}" if template.identity_id is not None else name
        if self.mapped is not None and template_id in self.mapped.outlier_ids:
            said += "; doubtful: unlike this person's other faces"
        return f"{said}\n{template.source}" if template.source else said

    def _lay_out(self) -> None:
        for label in (self.about, self.state, self.chosen, self.nothing):
            label.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name.setPlaceholderText("Name the selected faces…")
        self.name.setToolTip("Who all the selected faces are: type a name, known or new, and press Enter")
        self.identify.setToolTip("Ask who the selected faces are")
        side = QWidget()
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        buttons = QHBoxLayout()
        for button in (self.fit, self.save):
            buttons.addWidget(button)
        for part in (self.embedder, self.way, self.about, self.state, self.tool):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addWidget(self.people, 1)
        for below in (self.chosen, self.name, self.identify):
            column.addWidget(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, GAP, GAP, GAP)
        row.setSpacing(GAP)
        row.addWidget(self.picture, 1)
        row.addWidget(self.nothing, 1)
        row.addWidget(side)

    def _listen(self) -> None:
        model = self._model
        in_sight = InSight(self, self._bring_up)
        model.changed.connect(in_sight.refresh)
        self._studio.session.writable_changed.connect(in_sight.refresh)
        model.selection_changed.connect(in_sight.refresh)
        model.crop_ready.connect(lambda _: self.picture.update())
        self._embedders.changed.connect(self._show_embedders)
        self._making.made.connect(self._take)
        self._studio.session.project_opened.connect(self._leave)
        self.picture.selection_wanted.connect(model.select)
        self.embedder.activated.connect(self._choose)
        self.way.chosen.connect(lambda _: self._refresh())
        self.tool.chosen.connect(self._choose_tool)
        self.fit.clicked.connect(self.picture.zoom_to_fit)
        self.save.clicked.connect(lambda: perform(self._studio, named("faces.save_charts")[0]))
        self.people.people_chosen.connect(self._select_people)
        self.name.named.connect(self._name)
        self.identify.clicked.connect(self._identify)

    @property
    def projection(self) -> Projection:
        """How vectors become points."""
        return "neighbours" if self.way.buttons[1].isChecked() else "straight"

    # What is shown

    def _bring_up(self) -> None:
        self._show_model()
        if self._made_for != (self._wanted, self._model.vectors):
            self._refresh()

    @property
    def _wanted(self) -> int | None:
        """The embedder whose map is to be shown."""
        return self._embedder_id if self._embedder_id is not None else self._model.settings.embedder_id

    def _refresh(self) -> None:
        """Make the map anew."""
        wanted = self._wanted
        self._made_for = wanted, self._model.vectors
        if wanted is not None and self._model.templates:
            self._making.ask(wanted, self.projection)
        else:
            self._show_points()

    def _take(self, mapped: Mapped) -> None:
        self.mapped = mapped
        self._show_points()

    def _leave(self) -> None:
        self._making.stop()
        self.mapped = self._embedder_id = self._made_for = None
        self._show_points()

    def _show_model(self) -> None:
        faces = self._model.faces
        if faces is not self._listed:
            self._listed = faces
            self._people = {identity_id: n for n, identity_id in enumerate(faces.identities)}
            self._show_embedders()
            self._show_people()
            self._show_points()
            self.name.show_people([each.name for each in faces.identities.values()])
        self._show_selection()

    def _show_points(self) -> None:
        mapped, templates = self.mapped, self._model.templates
        has_map = mapped is not None and bool(templates) and self._wanted is not None
        self.picture.setVisible(has_map)
        self.nothing.setVisible(not has_map)
        self.nothing.setText(NO_EMBEDDER if templates else NO_FACES)
        self._say(mapped if has_map else None)
        if mapped is None or not has_map:
            self.picture.show_points(NO_POINTS)
            return
        people = self._people
        self._studio.session.ask("points of the map", lambda _: mapped.points(templates, people), self._take_points)

    def _take_points(self, points: MapPoints) -> None:
        is_new = not np.array_equal(points.template_ids, self.picture.points.template_ids)
        self.picture.show_points(points, fits=is_new)

    def _say(self, mapped: Mapped | None) -> None:
        if mapped is None:
            self.about.setText("")
            self.state.setText("")
            return
        straight = mapped.share_kept is not None
        self.about.setText(STRAIGHT.format(share=mapped.share_kept) if straight else NEIGHBOURS)
        if mapped.share_done < 1:
            self.state.setText(f"Moving neighbours together: {mapped.share_done:.0%}")
        elif straight and self.projection == "neighbours":
            self.state.setText(f"More than {MAX_UNFOLDED:,} faces: shown straight.")
        else:
            n = len(mapped.outlier_ids)
            self.state.setText(f"{n} ringed: unlike the other faces of their person." if n else "")
        self.state.setVisible(bool(self.state.text()))

    def _show_people(self) -> None:
        counts: dict[int | None, int] = {}
        for template in self._model.templates.values():
            if template.state == "confirmed":
                counts[template.identity_id] = counts.get(template.identity_id, 0) + 1
        self.people.show_people(
            [Listed(id_, n, f"{self._model.name(id_)}  ({counts.get(id_, 0)})") for id_, n in self._people.items()]
        )

    def _show_embedders(self) -> None:
        self.embedder.clear()
        for key, title in self._embedders.choices:
            self.embedder.addItem(title, key)
            record = next((each for each in self._embedders.records if each.id == key), None)
            tip = TIPS.get(record.name if record is not None else str(key), "")
            self.embedder.setItemData(self.embedder.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.embedder.setCurrentIndex(self.embedder.findData(self._wanted) if self._wanted is not None else -1)
        self.embedder.setPlaceholderText("Choose an embedder")

    def _show_selection(self) -> None:
        selection, can_write = self._model.selection, self._studio.session.can_write
        self.picture.show_chosen(selection)
        n = len(selection)
        some = "1 face selected" if n == 1 else f"{n} faces selected"
        self.chosen.setText(some if n else "Draw around faces to select them.")
        self.name.setEnabled(bool(n) and can_write)
        self.identify.setEnabled(bool(n))

    # What is chosen

    def _choose(self, at: int) -> None:
        """See the faces as another embedder does; what decides stays."""
        key = self.embedder.itemData(at)
        if isinstance(key, int):
            self._embedder_id = key
            self._refresh()
        else:
            self._embedders.use(key)

    def _choose_tool(self, number: int) -> None:
        self.picture.way = "rectangle" if number else "lasso"

    def _select_people(self, ids: Collection[int]) -> None:
        templates = self._model.templates.values()
        self._model.select([each.id for each in templates if each.identity_id in ids and each.state == "confirmed"])

    def _name(self, name: str) -> None:
        """One name for all that is selected."""
        edit = self._model.naming(self._model.selection, name)
        if edit is not None:
            self._studio.session.do(edit)

    def _identify(self) -> None:
        self._studio.identifying.add_templates(sorted(self._model.selection))
        self._model.show_view("identify")
