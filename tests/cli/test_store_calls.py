"""Stores that cannot be used.

Exit status 2 and one line that says why, without a password (design, section 7).
"""

import subprocess
import sys
from pathlib import Path

import pytest

from consent_core.cli import main
from tests.cli.process import Console, Ran, answers_in, line, process
from tests.cli.storing import confirmed

COMMANDS = {
    "apply": ["apply", "-"],
    "check": ["check", "-"],
    "get": ["get", "ada@example.org"],
    "explain": ["explain", "ada@example.org"],
    "history": ["history", "ada@example.org"],
    "remove": ["remove", "ada@example.org"],
    "delete": ["delete", "6d0f6c1e-6f0e-4a53-9a4c-0c2c4f2f2b11"],
    "report": ["report", "-"],
    "export": ["export"],
    "audience": ["audience", "EMAIL"],
}
NEEDY = [command for command in COMMANDS if command not in ("apply", "check")]

PASSWORD = "geheim"  # noqa: S105  # of nothing

NO_URL = "--store is not the URL of a database that can be used"
UNAVAILABLE = "the store is unavailable"

UNUSABLE = {
    "empty": ("", NO_URL),
    "no URL": (f"my {PASSWORD} store", NO_URL),
    "a path": (f"/{PASSWORD}/consents.db", NO_URL),
    "unknown dialect": (f"nosuch://ada:{PASSWORD}@127.0.0.1/consents", NO_URL),
    "unknown driver": (f"postgresql+nosuch://ada:{PASSWORD}@127.0.0.1/consents", NO_URL),
    "driver that is not installed": (
        f"mysql+mysqldb://ada:{PASSWORD}@127.0.0.1/consents",
        "--store needs the driver MySQLdb",
    ),
    "port that is none": (f"postgresql+psycopg://ada@127.0.0.1:{PASSWORD}/consents", NO_URL),
    "password with @ and :": (
        f"postgresql+psycopg://ada:x@y:{PASSWORD}@127.0.0.1/consents",
        NO_URL,
    ),
    "option that is none": (f"sqlite:///consents.db?timeout={PASSWORD}", NO_URL),
    "nobody listens": (f"postgresql+psycopg://ada:{PASSWORD}@127.0.0.1:1/consents", UNAVAILABLE),
    "unknown option": (
        f"postgresql+psycopg://ada:{PASSWORD}@127.0.0.1:1/consents?{PASSWORD}=1",
        UNAVAILABLE,
    ),
    "driver for asyncio": ("sqlite+aiosqlite://", UNAVAILABLE),
}

WITHOUT_SQLALCHEMY = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "sqlalchemy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from consent_core.cli import main
sys.exit(main(sys.argv[1:]))
"""


def assert_misused(ran: Ran, why: str) -> None:
    """A call ended with status 2, no answer, and one line that gives no password away."""
    assert (ran.status, ran.answers) == (2, [])
    assert ran.errors.startswith(f"consent_core: {why}")
    assert ran.errors.count("\n") == 1
    assert PASSWORD not in ran.errors


@pytest.mark.parametrize("command", NEEDY)
def test_no_store(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Design 7: commands that would find nothing without a store ask for one."""
    with pytest.raises(SystemExit) as caught:
        main(COMMANDS[command])
    captured = capsys.readouterr()
    assert (caught.value.code, captured.out) == (2, "")
    assert "--store" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["get"],
        ["remove"],
        ["audience"],
        ["audience", "FAX"],
        ["remove", "ada@example.org", "--source", "PIGEON"],
        ["get", "ada@example.org", "bob@example.org"],
        ["export", "consents.ndjson"],
        ["get", "ada@example.org", "--site"],
        ["history", "ada@example.org", "--at", "2024-01-01T00:00:00Z"],
        ["delete"],
        ["report"],
        ["export", "--source", "FORM"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(
    arguments: list[str], store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Design 7: exit status 2 when the call itself was wrong, and no store is made for it."""
    with pytest.raises(SystemExit) as caught:
        main([*arguments[:1], "--store", store, *arguments[1:]])
    captured = capsys.readouterr()
    assert (caught.value.code, captured.out) == (2, "")
    assert captured.err.startswith("usage: python -m consent_core")
    assert not Path(store.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize("kind", UNUSABLE)
def test_unusable_stores(
    console: Console, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design 7.

    Exit status 2 and a message without the password, whatever is wrong with the URL or the
    database.
    """
    monkeypatch.chdir(tmp_path)
    url, why = UNUSABLE[kind]
    assert_misused(console("export", "--store", url), why)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["missing folder", "folder", "other file"])
def test_files_that_are_no_store(console: Console, command: str, kind: str, tmp_path: Path) -> None:
    """Design 7.

    The same for every command where the file cannot be made, or is something else, which stays.
    """
    (tmp_path / "other.db").write_text("no database at all" * 100)
    name = {"missing folder": "missing/consents.db", "folder": "", "other file": "other.db"}[kind]
    url = f"sqlite:///{tmp_path / name}"
    assert_misused(
        console(*COMMANDS[command], "--store", url, stdin=line(confirmed())), UNAVAILABLE
    )
    assert [path.name for path in tmp_path.iterdir()] == ["other.db"]
    assert (tmp_path / "other.db").read_text() == "no database at all" * 100


@pytest.mark.smoke
def test_an_unusable_store_of_the_process() -> None:
    """Design 7: the status is the process's own, and there is no traceback."""
    url, why = UNUSABLE["unknown dialect"]
    assert_misused(process("apply", "-", "--store", url, stdin=line(confirmed())), why)


def test_a_site_that_no_store_can_hold(console: Console, store: str) -> None:
    """Design 7: a tenant that cannot be named is a wrong call, not a refused request."""
    assert_misused(console("export", "--store", store, "--site", "\udcff"), "--site")


@pytest.mark.parametrize("command", COMMANDS)
def test_without_sqlalchemy(command: str) -> None:
    """Design 2: extras are extras.

    Without SQLAlchemy, a store is refused with the extra that it needs.
    """
    call = [sys.executable, "-c", WITHOUT_SQLALCHEMY, *COMMANDS[command], "--store", "sqlite://"]
    # our own
    done = subprocess.run(call, input=line(confirmed()), capture_output=True, check=False)  # noqa: S603
    assert_misused(
        Ran(done.returncode, answers_in(done.stdout.decode()), done.stderr.decode()),
        "--store needs",
    )
    assert b"sqlalchemy: pip install 'consent_core[sqlalchemy]'" in done.stderr


def test_without_sqlalchemy_or_a_store() -> None:
    """Design 2: ``apply`` in memory needs no extra."""
    call = [sys.executable, "-c", WITHOUT_SQLALCHEMY, "apply", "-"]
    # our own
    done = subprocess.run(call, input=line(confirmed()), capture_output=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, b"1 line: 1 created\n")


def test_without_sqlalchemy_in_this_process(
    console: Console, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    """Design 2: the command line imports SQLAlchemy only for a store."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert_misused(console("export", "--store", store), "--store needs sqlalchemy: pip install")
    assert console("apply", "-", stdin=line(confirmed())).status == 0


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_closed_standard_streams(
    stream: str, store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Design 7: without standard input or output, the call ends before a store is made."""
    monkeypatch.setattr(f"sys.{stream}", None)
    assert main(["export", "--store", store]) == 2
    assert capsys.readouterr().err == "consent_core: standard input and output must be open\n"
    assert not Path(store.removeprefix("sqlite:///")).exists()
