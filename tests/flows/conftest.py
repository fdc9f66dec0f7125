"""The real window for the flows."""

from tests.studio.conftest import at_work, seen

__all__ = ["at_work", "seen"]
