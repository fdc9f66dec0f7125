"""Faces to ask about, from files, folders, what is dropped and what was copied elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from engine.pictures import SUFFIXES
from studio.surroundings import Studio

NOTHING_COPIED = "There is no picture in the clipboard."
NO_PICTURES = "There are no pictures in it."


def ask_files(studio: Studio) -> None:
    """Choose a picture file, and ask who it is."""
    path = studio.ask.open_path("Face to identify", tuple(sorted(SUFFIXES)))
    if path is not None:
        studio.identifying.add_files([path])


def ask_folder(studio: Studio) -> None:
    """Choose a folder, and ask who everybody in it is."""
    folder = studio.ask.folder("Faces to identify")
    if folder is not None and not take_paths(studio, [folder]):
        studio.session.said.emit(NO_PICTURES)


def take_clipboard(studio: Studio) -> None:
    """Ask about the picture or the files that were copied elsewhere."""
    if not take(studio, QGuiApplication.clipboard().mimeData(), "Clipboard"):
        studio.session.said.emit(NOTHING_COPIED)


def take(studio: Studio, data: QMimeData, name: str) -> bool:
    """Ask about what is in it; whether there was a picture. `name` is what a picture that is no file is called."""
    if take_paths(studio, paths_of(data)):
        return True
    png = picture_of(data)
    if png:
        studio.identifying.add_picture(name, png)
    return bool(png)


def take_paths(studio: Studio, paths: Sequence[Path]) -> bool:
    """Ask about picture files, also those in folders; whether there were any."""
    found = [each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    pictures = [each for each in found if each.suffix.lower() in SUFFIXES]
    if pictures:
        studio.identifying.add_files(pictures)
    return bool(pictures)


def paths_of(data: QMimeData) -> list[Path]:
    """The files and folders that are dragged or were copied."""
    return [Path(each.toLocalFile()) for each in data.urls() if each.isLocalFile()]


def picture_of(data: QMimeData) -> bytes:
    """A picture that is no file, as the bytes of a PNG; empty where there is none."""
    image = QImage(data.imageData()) if data.hasImage() else QImage()
    if image.isNull():
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
