"""The one error a user can act on. Anything else that is raised is our bug, and says so."""


class UserError(Exception):
    """The world's fault, in words a user can act on: what went wrong (naming the file), and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Message and hint as one line, as the command line prints it."""
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[type["UserError"], tuple[str, str]]:
        """Cross a process border with message and hint intact."""
        return type(self), (self.message, self.hint)
