"""Points in time as the project file keeps them."""

from datetime import UTC, datetime


def now() -> str:
    """This moment as ISO 8601 text in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
