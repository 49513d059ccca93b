"""What every test can ask for; the fixtures themselves live in `tests/harness`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

#: The same examples in every run, so that a run fails for what changed alone; `HYPOTHESIS_PROFILE=explore`
#: draws new ones.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("explore")
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

pytest_plugins = [
    "tests.harness.accounts",
    "tests.harness.crowd",
    "tests.harness.databases",
    "tests.harness.replica",
    "tests.harness.readers",
    "tests.harness.natural_earth",
    "tests.harness.server",
    "tests.harness.touching",
    "tests.harness.mail",
    "tests.harness.web",
    "tests.harness.oidc",
]

_OWN_DIR = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a directory of its own, outside the repository, that its workers share."""
    if hasattr(config, "workerinput"):
        return
    directory = Path(tempfile.mkdtemp(prefix="quartier-test-"))
    directory.chmod(0o755)  # root's database runs as another user, who must get through
    config.stash[_OWN_DIR] = directory
    for name in [name for name in os.environ if name.startswith("QUARTIER_")]:
        if name not in {"QUARTIER_REQUIRE_ALL", "QUARTIER_SHARED_DATA", "QUARTIER_POSTGRES_HOME"}:
            del os.environ[name]
    os.environ["QUARTIER_TEST_DIR"] = str(directory)
    os.environ["QUARTIER_DATA_DIR"] = str(directory / "data")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's cluster and delete its directory."""
    directory = config.stash.get(_OWN_DIR, None)
    if directory is None:
        return
    from tests.harness.databases import test_cluster

    test_cluster().stop(for_good=True)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where everything is required."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("QUARTIER_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, while QUARTIER_REQUIRE_ALL=1: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that skips itself."""
    report = yield
    if report.skipped and os.environ.get("QUARTIER_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, while QUARTIER_REQUIRE_ALL=1: {_reason(report.longrepr)}"
    return report


def _reason(longrepr: object) -> object:
    return longrepr[2] if isinstance(longrepr, tuple) else longrepr


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Directory of the real data sets that lie beside the checkout; not part of the repository."""
    given = os.environ.get("QUARTIER_SHARED_DATA")
    path = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"the shared data sets are not at {path}; QUARTIER_SHARED_DATA names another place")
    return path
