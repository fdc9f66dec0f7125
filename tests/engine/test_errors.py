"""The one error a user can act on."""

import pickle

from engine.errors import UserError


def test_message_and_hint_are_one_line() -> None:
    assert str(UserError("a.png is cut off.", "Copy it again.")) == "a.png is cut off. Copy it again."
    assert str(UserError("a.png is cut off.")) == "a.png is cut off."


def test_it_crosses_a_process_border_whole() -> None:
    error = pickle.loads(pickle.dumps(UserError("a.png is cut off.", "Copy it again.")))
    assert (error.message, error.hint) == ("a.png is cut off.", "Copy it again.")


def test_kinds_of_it_cross_as_themselves() -> None:
    assert type(pickle.loads(pickle.dumps(SpecialError("no", "try")))) is SpecialError


class SpecialError(UserError):
    """A kind of UserError, as modules may have."""
