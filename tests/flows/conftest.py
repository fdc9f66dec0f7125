"""The real window for the flows."""

from tests.studio.conftest import seen

__all__ = ["seen"]
