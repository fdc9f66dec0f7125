"""What every test runs under: no screen, one thread for each worker, and real data where it lies beside the checkout.

The fixture `shared` is the folder `../shared` with its `data` and `weights`. A test that asks for it is skipped where
the folder is absent, and the closing summary names it. Where the folder is there and CI is set, such a test may not be
skipped for any reason: a skip counts as a failure.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"
IS_CI = bool(os.environ.get("CI"))
REAL_DATA = "real data"

settings.register_profile("boxwright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("boxwright-ci", settings.get_profile("boxwright"), derandomize=True, print_blob=True)
settings.load_profile("boxwright-ci" if IS_CI else "boxwright")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and weights beside the checkout; skips the test where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the real data of ../shared/data, which is not here")
    return SHARED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Mark the reports of real-data tests; where they must run, turn a skip into a failure."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and "shared" in getattr(item, "fixturenames", ()):
        report.user_properties.append((REAL_DATA, item.nodeid))
        if IS_CI and (SHARED / "data").is_dir():
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, though the real data is here: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the real-data tests that did not run."""
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    names = sorted(report.nodeid for report in skipped if (REAL_DATA, report.nodeid) in report.user_properties)
    if names:
        terminalreporter.section("real data")
        state = "here" if (SHARED / "data").is_dir() else "not here"
        terminalreporter.line(f"{len(names)} real-data tests did not run (../shared/data is {state}):")
        for name in names:
            terminalreporter.line(f"  {name}")
