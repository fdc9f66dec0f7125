"""Copy to Images: what is selected, or all on this picture, in the same place on pictures that follow or are chosen."""

from collections.abc import Callable

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QDialog, QHBoxLayout, QLabel, QRadioButton, QSpinBox, QWidget

from engine.project.records import Annotation
from engine.project.store import Project
from studio.copying import all_in_sight, carry_on, chosen_or_all
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.widgets import role

_FIRST_N = 10


class CopyOn(Frame):
    """One edit, however many pictures."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Offer what there is: selected annotations, chosen pictures, pictures that follow."""
        super().__init__(
            "Copy to images", parent, words="Copies come to lie in the same place. None is put there twice."
        )
        self._session = session = studio.session
        self._studio = studio
        listing, at = session.listing, session.listing.row_of(session.image_id)
        self._following = tuple(listing.ids[at + 1 :]) if at >= 0 else ()
        self._others = tuple(id_ for id_ in listing.subjects if id_ != session.image_id)
        self.selected, self.all = QRadioButton(), QRadioButton("All in sight on this image")
        self.next, self.rest = QRadioButton("The next"), QRadioButton("All that follow in the list")
        self.chosen = QRadioButton(f"The {len(self._others)} chosen in the list")
        self.number, self.go = QSpinBox(), QCheckBox("Go to the last of them")
        self.says = paragraph("")
        self._lay_out()
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Copy", self._copy, is_default=True)
        self._count()

    def _lay_out(self) -> None:
        n_selected = len(self._session.selection.annotations)
        self.selected.setText("The selected annotation" if n_selected == 1 else f"The {n_selected} selected")
        self.selected.setEnabled(n_selected > 0)
        (self.selected if n_selected else self.all).setChecked(True)
        self.number.setRange(1, max(1, len(self._following)))
        self.number.setValue(_FIRST_N)
        self.number.lineEdit().setTextMargins(GAP // 2, 0, 0, 0)
        self.number.setAccessibleName("How many images")
        self.chosen.setVisible(bool(self._others))
        (self.chosen if self._others else self.next).setChecked(True)
        for title, buttons in (("What", (self.selected, self.all)), ("Where to", (self.next, self.rest, self.chosen))):
            group = QButtonGroup(self)
            if self.body.count():
                self.body.addSpacing(GAP)
            self.body.addWidget(role(QLabel(title), "title"))
            for button in buttons:
                group.addButton(button)
                button.toggled.connect(self._count)
                self._add(button)
        self.number.valueChanged.connect(self._count)
        self.body.addSpacing(GAP)
        self.body.addWidget(self.go)
        self.body.addWidget(self.says)

    def _add(self, button: QRadioButton) -> None:
        if button is not self.next:
            self.body.addWidget(button)
            return
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(button)
        row.addWidget(self.number)
        row.addWidget(QLabel("images in the list"))
        row.addStretch(1)
        self.body.addLayout(row)

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Where the copies go."""
        if self.chosen.isChecked():
            return self._others
        return self._following if self.rest.isChecked() else self._following[: self.number.value()]

    def _question(self) -> Callable[[Project], list[Annotation]]:
        return chosen_or_all(self._studio) if self.selected.isChecked() else all_in_sight(self._studio)

    def _count(self, *_: object) -> None:
        """Say beforehand what will be done."""
        if self.selected.isChecked():
            self._tell(len(self._session.selection.annotations))
        else:
            seen = all_in_sight(self._studio)
            self._session.ask("copy on", lambda project: len(seen(project)), self._tell)

    def _tell(self, n: int) -> None:
        n_images = len(self.image_ids)
        words = "1 annotation" if n == 1 else f"{n:,} annotations"
        self.says.setText(f"{words} to {'1 image' if n_images == 1 else f'{n_images:,} images'}.")
        self.button.setEnabled(bool(n and n_images))

    def _copy(self) -> None:
        ids = self.image_ids
        carry_on(self._studio, self._question(), ids, ids[-1] if self.go.isChecked() else None)
        self.accept()


def open_copy_on(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Ask what to copy, and where to."""
    return CopyOn(studio, parent)


DIALOG = open_copy_on
