"""Pytest's plugin for tests that need a program: `@pytest.mark.needs("chromium")`.

Without it they are skipped, counted and named at the end; in CI (CI=true) that is a failure.
"""

import os
import re
import shutil
from collections import Counter

import pytest

_REASON = "needs the program {}"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): skip, and say so at the end, when the program is missing")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if not shutil.which(program):
                pytest.skip(_REASON.format(program))


def not_run(skipped: list[pytest.TestReport]) -> Counter[str]:
    """How many tests each missing program kept from running."""
    found = (re.search(_REASON.format(r"(\S+)"), str(report.longrepr)) for report in skipped)
    return Counter(match[1].rstrip("')") for match in found if match)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for program, tests in not_run(terminalreporter.stats.get("skipped", [])).items():
        terminalreporter.write_line(f"Not run: {tests} tests need the program {program}, which is missing.", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("CI") == "true" and not exitstatus and not_run(reporter.stats.get("skipped", [])):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
