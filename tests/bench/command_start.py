"""How long the command line takes to say its help, beside a Python that does nothing and one that loads torch."""

import subprocess
import sys

from tests.bench._rows import Row, median, milliseconds, show


def started(*arguments: str) -> float:
    """Median milliseconds of a fresh Python with these arguments."""
    return median(
        milliseconds(lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True), 7)
    )


if __name__ == "__main__":
    empty, torch = started("-c", ""), started("-c", "import torch")
    show(
        [
            Row("boxwright --help", started("-m", "studio", "--help"), "ms", empty, "empty Python"),
            Row("boxwright info --help", started("-m", "studio", "info", "--help"), "ms", torch, "import torch", 1500),
        ]
    )
