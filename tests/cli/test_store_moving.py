"""``export --whole`` and ``restore``: a whole store as a file, and back."""

from pathlib import Path
from typing import Any

import pytest

from consent_core import ConsentService, MemoryRepository
from consent_core.cli import main
from consent_core.moving import export_whole
from tests.cli.process import Console, codes, described, line, process
from tests.cli.storing import confirmed, lines

SECRET = "a-secret-of-thirty-two-characters"  # noqa: S105  # of these tests only


@pytest.fixture
def used(console: Console, store: str, tmp_path: Path) -> list[str]:
    """Fills the store; gives the words that name it."""
    keys = tmp_path / "keys"
    keys.write_text(SECRET)
    named = ["--store", store]
    people = [confirmed(f"u{number}@example.org") for number in range(4)]
    console("apply", "-", *named, stdin=lines(people))
    console("remove", "u1@example.org", *named)
    (found,) = console("get", "u2@example.org", *named).answers
    console("delete", found["marketingConsent"]["id"], *named, "--tombstone-keys", str(keys))
    return named


@pytest.mark.smoke
@pytest.mark.usefixtures("console")
def test_a_pipe_to_postgresql_and_back(
    console: Console, used: list[str], database: str, tmp_path: Path
) -> None:
    """What is exported again, from either copy, is what was exported first."""
    copy = f"sqlite:///{tmp_path / 'copy.db'}"
    _, first, _ = console.text("export", "--whole", *used)
    moved = process("restore", "-", "--store", database, stdin=first.encode())
    counts = {"consents": 3, "events": 5, "tombstones": 1}
    assert (moved.status, moved.answers, moved.errors) == (0, [counts], "")
    _, second, _ = console.text("export", "--whole", "--store", database)
    file = tmp_path / "whole.ndjson"
    file.write_text(second, encoding="utf-8")
    assert console("restore", str(file), "--store", copy).answers == [counts]
    _, third, _ = console.text("export", "--whole", "--store", copy)
    assert first == second == third
    assert console("export", "--store", copy) == console("export", *used)


def test_a_store_that_is_not_empty(console: Console, used: list[str]) -> None:
    """Refused with exit status 1, and as it was."""
    _, whole, _ = console.text("export", "--whole", *used)
    ran = console("restore", "-", *used, stdin=whole.encode())
    assert (ran.status, ran.errors) == (1, "")
    assert codes(ran.answers[0]) == {("store", "NOT_ALLOWED")}
    assert console.text("export", "--whole", *used)[1] == whole


def test_a_broken_line(console: Console, used: list[str], tmp_path: Path) -> None:
    """The answer names it; nothing is stored, so that the next attempt finds an empty store."""
    _, whole, _ = console.text("export", "--whole", *used)
    copy = ["--store", f"sqlite:///{tmp_path / 'copy.db'}"]
    broken = whole.encode().splitlines(keepends=True)
    broken[2] = line({"events": []})
    for stream, told in (
        (b"".join(broken), "line 3.events"),
        (whole.encode()[:-30], "line 7"),
        (b"", "line 1"),
    ):
        ran = console("restore", "-", *copy, stdin=stream)
        assert ran.status == 1
        ((field, _),) = codes(ran.answers[0])
        assert field == told
    assert console("restore", "-", *copy, stdin=whole.encode()).status == 0


def test_another_site(console: Console, used: list[str], tmp_path: Path) -> None:
    """A tombstone is found on its own site only, so the site must be the same."""
    _, whole, _ = console.text("export", "--whole", *used)
    copy = ["--store", f"sqlite:///{tmp_path / 'copy.db'}", "--site", "b"]
    ran = console("restore", "-", *copy, stdin=whole.encode())
    assert ran.status == 1
    assert "is not the site of the store" in described(ran.answers[0])


def test_a_service_of_the_application(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, used: list[str], console: Console
) -> None:
    """Its repository is exported and filled, if it can be; else it is said."""
    _, whole, _ = console.text("export", "--whole", *used)
    file = tmp_path / "whole.ndjson"
    file.write_text(whole, encoding="utf-8")
    repository = MemoryRepository()
    assert main(["restore", str(file)], service=ConsentService(repository)) == 0
    capsys.readouterr()
    assert main(["export", "--whole"], service=ConsentService(repository)) == 0
    assert capsys.readouterr().out == "".join(export_whole(repository))

    class OfFiveMethods:
        def __getattr__(self, name: str) -> Any:
            if name in ("everything", "fill"):
                raise AttributeError(name)
            return getattr(repository, name)

    other = ConsentService(OfFiveMethods())
    assert main(["export", "--whole"], service=other) == 1
    assert "must be MemoryRepository or SqlAlchemyRepository" in capsys.readouterr().out
