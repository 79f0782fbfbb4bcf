"""The kit as the author of an adapter meets it: under pytest, and without pytest or hypothesis."""

import subprocess
import sys
from pathlib import Path

import pytest

import consent_core.testing as kit
from consent_core.testing import CLAUSES

ADAPTER = """
import pytest
from consent_core.testing import {base}
from tests.testing.saboteurs_reading import NewestFirst
from tests.testing.saboteurs_values import RevisionsOf32Bits
from consent_core.adapters.memory import AsyncMemoryRepository, MemoryRepository

class TestMine({base}):
    exceptions = {exceptions}
    has_sites = {has_sites}

    @pytest.fixture
    def repository(self):
        return {repository}

    @pytest.fixture
    def other_site(self):
        return {repository}
"""

ROOT = Path(__file__).parents[2]


def run_python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a folder, with this source tree importable."""
    environment = {
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "COLUMNS": "200",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, *arguments]
    return subprocess.run(  # noqa: S603  # our own
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def run_tests(folder: Path, wanted: str = "test", **parts: object) -> str:
    """What pytest says of an adapter's test file, or of the wanted tests in it."""
    given = {
        "base": "RepositoryContract",
        "repository": "MemoryRepository()",
        "exceptions": {},
        "has_sites": False,
    }
    (folder / "test_mine.py").write_text(ADAPTER.format(**(given | parts)))
    arguments = [
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-q",
        "-rA",
        "--tb=short",
        "-k",
        wanted,
        "test_mine.py",
    ]
    return run_python(folder, *arguments).stdout


def test_a_sound_adapter_passes_every_clause(tmp_path: Path) -> None:
    """There is one test for each clause, and one comparison."""
    report = run_tests(tmp_path)
    here = [clause for clause in CLAUSES if not (clause.needs or clause.awaited)]
    assert f"{len(here) + 1} passed" in report
    assert "failed" not in report
    assert all(f"TestMine::test_{clause.name}\n" in report for clause in here)


def test_a_sound_async_adapter_passes_every_clause(tmp_path: Path) -> None:
    """With asyncio, and with sites."""
    report = run_tests(
        tmp_path,
        base="AsyncRepositoryContract",
        repository="AsyncMemoryRepository()",
        has_sites=True,
    )
    here = [clause for clause in CLAUSES if clause.needs != "broken_repository"]
    assert f"{len(here) + 1} passed" in report
    assert "failed" not in report


def test_a_broken_adapter_is_told_what_it_broke(tmp_path: Path) -> None:
    """Its author sees the promise, what was expected, what was found, and where."""
    report = run_tests(tmp_path, "histor or events or memory", repository="NewestFirst()")
    assert "FAILED test_mine.py::TestMine::test_events_come_with_their_record" in report
    assert "FAILED test_mine.py::TestMine::test_behaves_like_memory" in report
    assert "passed" in report
    (promise,) = [
        clause.promise for clause in CLAUSES if clause.name == "long_histories_stay_in_order"
    ]
    lines = [line.removeprefix("E").strip() for line in report.splitlines()]
    told = f"BrokenPromise: long_histories_stay_in_order: {promise}"
    at = next(number for number, line in enumerate(lines) if line.endswith(told))
    assert lines[at + 1].startswith("expected: [1, 2, 3")
    assert lines[at + 2].startswith("found:    [13, 12, 11")
    assert "expect([event.sequence for event in events], list(range(1, 14)))" in lines


def test_an_exception_is_strict_under_pytest(tmp_path: Path) -> None:
    """An excepted clause that is broken passes; one that is kept fails, and says what to do."""
    exceptions = {"every_field_is_read_as_written": "32 bits", "all_or_nothing": "no transactions"}
    report = run_tests(
        tmp_path, "written or nothing", repository="RevisionsOf32Bits()", exceptions=exceptions
    )
    assert "PASSED test_mine.py::TestMine::test_every_field_is_read_as_written" in report
    assert "FAILED test_mine.py::TestMine::test_all_or_nothing" in report
    assert "all_or_nothing is kept: remove its exception (no transactions)" in report
    assert "1 failed" in report


def test_an_unknown_exception_stops_the_collection(tmp_path: Path) -> None:
    """The class cannot be made, so that pytest cannot overlook it."""
    report = run_tests(tmp_path, exceptions={"no_such_clause": "a typo"})
    assert "exceptions that name no clause: no_such_clause" in report
    assert "1 error" in report


WITHOUT = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pytest", "_pytest", "hypothesis"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
import consent_core.testing as testing
"""


def test_without_pytest_and_hypothesis_a_repository_can_be_judged(tmp_path: Path) -> None:
    """``assert_conforms`` needs neither, to praise or to blame."""
    script = (
        WITHOUT
        + """
from consent_core import MemoryRepository

class Backwards(MemoryRepository):
    def history(self, consent_id, /):
        return super().history(consent_id)[::-1]

testing.assert_conforms(MemoryRepository)
try:
    testing.assert_conforms(Backwards, exceptions={"no_change_is_lost": "known"})
except testing.BrokenPromise as broken:
    print(broken.clause)
assert not {"pytest", "hypothesis"} & set(sys.modules)
"""
    )
    ran = run_python(tmp_path, "-c", script)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "events_come_with_their_record\n", "")


@pytest.mark.parametrize("name", ["RepositoryContract", "AsyncRepositoryContract", "strategies"])
def test_without_pytest_and_hypothesis_the_extra_is_named(tmp_path: Path, name: str) -> None:
    """Who lacks them is told what to install."""
    ran = run_python(tmp_path, "-c", f"{WITHOUT}\ntesting.{name}")
    last = ran.stderr.strip().splitlines()[-1]
    assert ran.returncode == 1
    assert last.startswith(f"ModuleNotFoundError: consent_core.testing.{name} needs ")
    assert last.endswith(": pip install 'consent_core[testing]'")


@pytest.mark.parametrize(
    ("name", "module"), [("RepositoryContract", "contract"), ("strategies", "strategies")]
)
def test_whatever_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    """The message names the package that is not installed, and the error is chained."""
    missing = {"contract": "pytest", "strategies": "hypothesis"}[module]
    monkeypatch.delitem(sys.modules, f"consent_core.testing.{module}", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError, match=f"testing.{name} needs {missing}: ") as caught:
        kit.__getattr__(name)
    assert caught.value.name == missing
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_what_is_not_there_is_no_matter_of_extras() -> None:
    """A name that does not exist is an ``AttributeError``, as everywhere."""
    with pytest.raises(AttributeError, match=r"'consent_core\.testing' has no attribute 'nothing'"):
        _ = kit.nothing
    assert kit.strategies.MOMENT
    assert set(kit.__all__) <= {*dir(kit), *kit.__all__}
