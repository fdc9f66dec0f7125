"""Faces to ask about, from files, folders, what is dropped and what was copied elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from engine.pictures import SUFFIXES
from studio.enrolling import is_picture, paths_in, pictures_in
from studio.surroundings import Studio

NOTHING_COPIED = "There is no picture in the clipboard."
NO_PICTURES = "There are no pictures in it."


def ask_files(studio: Studio) -> None:
    """Choose picture files, and ask who is on them."""
    if paths := studio.ask.open_paths("Faces to Identify", tuple(sorted(SUFFIXES))):
        studio.identifying.add_files(paths)


def ask_folder(studio: Studio) -> None:
    """Choose a folder, and ask who everybody in it is."""
    folder = studio.ask.folder("Faces to Identify")
    if folder is not None and not take_paths(studio, [folder]):
        studio.session.said.emit(NO_PICTURES)


def take_clipboard(studio: Studio) -> None:
    """Ask about the picture or the files that were copied elsewhere."""
    if not take(studio, QGuiApplication.clipboard().mimeData(), "Clipboard"):
        studio.session.said.emit(NOTHING_COPIED)


def take(studio: Studio, data: QMimeData, name: str) -> bool:
    """Ask about what is in it; whether there was a picture. `name` is what a picture that is no file is called."""
    if take_paths(studio, paths_in(data)):
        return True
    png = picture_of(data)
    if png:
        studio.identifying.add_picture(name, png)
    return bool(png)


def take_paths(studio: Studio, paths: Sequence[Path]) -> bool:
    """Ask about picture files, also those in folders; whether there were any."""
    found = [each for path in paths for each in (pictures_in(path) if path.is_dir() else (path,))]
    pictures = [each for each in found if is_picture(each)]
    if pictures:
        studio.identifying.add_files(pictures)
    return bool(pictures)


def is_welcome(data: QMimeData) -> bool:
    """Whether what is dragged may be, or hold, a picture of a face."""
    return data.hasImage() or any(path.is_dir() or is_picture(path) for path in paths_in(data))


def picture_of(data: QMimeData) -> bytes:
    """A picture that is no file, as the bytes of a PNG; empty where there is none."""
    image = QImage(data.imageData()) if data.hasImage() else QImage()
    if image.isNull():
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
