"""What a row of the image list says where there is little room."""

import pytest
from PySide6.QtGui import QFont, QFontMetrics

from engine.project.images import ImageRow
from studio.panels._image_rows import _fitting


@pytest.mark.usefixtures("qtbot")
@pytest.mark.usefixtures("qapp")
def test_the_split_gives_way_to_the_counts() -> None:
    metrics = QFontMetrics(QFont())
    row = ImageRow(1, "a.png", "val", "new", 20, 90)
    whole, letter = metrics.horizontalAdvance("val"), metrics.horizontalAdvance("v")
    assert [_fitting(metrics, row, room) for room in (whole, whole - 1, letter, letter - 1)] == ["val", "v", "v", ""]
