"""What may be dropped where faces are taken: pictures, and folders that may hold some."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from studio.enrolling import pictures_in
from studio.faces.taking import is_welcome


def dragged(*urls: QUrl) -> QMimeData:
    data = QMimeData()
    data.setUrls(list(urls))
    return data


def test_pictures_and_folders_are_welcome(tmp_path: Path) -> None:
    picture, words = tmp_path / "a.PNG", tmp_path / "a.txt"
    for path in (picture, words):
        path.write_bytes(b"")
    assert is_welcome(dragged(QUrl.fromLocalFile(str(picture))))
    assert is_welcome(dragged(QUrl.fromLocalFile(str(tmp_path))))
    assert is_welcome(dragged(QUrl.fromLocalFile(str(words)), QUrl.fromLocalFile(str(picture))))
    assert not is_welcome(dragged(QUrl.fromLocalFile(str(words))))
    assert not is_welcome(dragged(QUrl("data:image/png;base64,")))
    assert not is_welcome(QMimeData())
    copied = QMimeData()
    copied.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    assert is_welcome(copied)


def test_the_pictures_of_a_folder_are_its_own_and_seen(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.png", ".hidden.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    assert [each.name for each in pictures_in(tmp_path)] == ["a.png", "b.jpg"]
