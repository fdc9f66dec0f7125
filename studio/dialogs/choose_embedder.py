"""Choose embedder: which kind of network faces are to be recognised by, and the file that its weights are in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.faces.choice import EmbedderChoice
from studio.dialogs._frame import Frame
from studio.dialogs._titled import Titled, choice_of
from studio.embedder_words import TIPS, TITLES
from studio.face_training import have_embedder
from studio.surroundings import Studio, Subject
from studio.theme import GAP

_WORDS = "Every face is embedded anew, and once that is done it decides. Those that were used before stay at hand."
AUTO, FILE = "auto", "file"
_NEEDS_FILE = ("siamese", "onnx")
"""Nobody publishes weights of these."""
_FILES = {
    "latent": "A classifier's weights as torchvision publishes them: a .pth or .safetensors file.",
    "siamese": "Weights that were trained in another project and taken away from there.",
    "onnx": "The card: a JSON file beside the network's, which says its size, channels, mean, deviation and distance.",
}
_SUFFIXES = {"onnx": (".json",)}
_WEIGHTS = (".pth", ".pt", ".safetensors")


class ChooseEmbedder(Frame):
    """A kind, and where its weights are."""

    def __init__(self, studio: Studio, kind: str, parent: QWidget) -> None:
        """For the open project; `kind` is chosen at first."""
        super().__init__("Choose an embedder", parent, width=520, words=_WORDS)
        self._studio = studio
        self.kind = choice_of(*((title, name) for name, title in TITLES.items()))
        self.weights = choice_of(("Published, fetched once", AUTO), ("From a file", FILE))
        self.path = QLineEdit()
        self.path.setAccessibleName("File")
        self.choose = QPushButton("Choose…")
        self.choose.setAutoDefault(False)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        line.addWidget(self.path, 1)
        line.addWidget(self.choose)
        self._kind_row = Titled("Embedder", self.kind, "")
        self._weights_row = Titled("Weights", self.weights, "")
        self._weights_row.told.hide()
        self._file_row = Titled("File", row, "")
        for each in (self._kind_row, self._weights_row, self._file_row):
            self.body.addWidget(each)
        self.body.addStretch(1)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Use", self._use, is_default=True)
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.weights.currentIndexChanged.connect(self._show)
        self.path.textChanged.connect(self._show)
        self.choose.clicked.connect(self._choose)
        self._show_kind()

    @property
    def choice(self) -> EmbedderChoice:
        """What is chosen."""
        name, path = self._name, str(self._file)
        if name == "onnx":
            return EmbedderChoice(name, card=path)
        return EmbedderChoice(name, weights=path) if self._wants_file else EmbedderChoice(name)

    @property
    def _name(self) -> str:
        return str(self.kind.currentData())

    @property
    def _file(self) -> Path:
        return Path(self.path.text().strip()).expanduser()

    @property
    def _wants_file(self) -> bool:
        is_chosen = self._name == "latent" and self.weights.currentData() == FILE
        return is_chosen or self._name in _NEEDS_FILE

    def _show_kind(self) -> None:
        """The file that was used for it last is there again."""
        self.path.setText(next(iter(self._studio.settings.words_of(f"embedder/{self._name}")), ""))
        self._show()

    def _show(self) -> None:
        name = self._name
        self._kind_row.told.setText(f"{TIPS[name]}.")
        self._weights_row.setVisible(name == "latent")
        self._file_row.setVisible(self._wants_file)
        self._file_row.told.setText(_FILES.get(name, ""))
        self.button.setEnabled(not self._wants_file or self._file.is_file())
        self.fit_height()

    def _choose(self) -> None:
        path = self._studio.ask.open_path(f"{TITLES[self._name]}: File", _SUFFIXES.get(self._name, _WEIGHTS))
        if path is not None:
            self.path.setText(str(path))

    def _use(self) -> None:
        if self._wants_file:
            self._studio.settings.keep_words(f"embedder/{self._name}", [str(self._file)])
        have_embedder(self._studio, self.choice)
        self.accept()


def open_choose_embedder(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About a kind by its name; any other word or nothing: whichever."""
    return ChooseEmbedder(studio, about if isinstance(about, str) and about in TITLES else "latent", parent)


DIALOG = open_choose_embedder
