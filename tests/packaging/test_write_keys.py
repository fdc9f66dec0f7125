"""docs/keys.md says what the commands and tools themselves say."""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "write_keys.py"


def test_the_page_of_keys_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("write_keys", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run: make keys"
