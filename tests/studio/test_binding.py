"""The Qt binding itself: some releases of it lose a reference to None at every call, and end the program in minutes."""

import sys

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

N_CALLS = 20_000


def test_drawing_leaves_none_as_often_referred_to_as_before() -> None:
    image = QImage(64, 64, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setPen(QPen(QColor("#e5484d")))
    before = sys.getrefcount(None)
    for n in range(N_CALLS):
        painter.drawLine(QPointF(0, n % 64), QPointF(63, 0))
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < N_CALLS / 100
