"""The small projects of the training's tests."""

from tests.engine.training.conftest import project, trained, trained_file

__all__ = ["project", "trained", "trained_file"]
