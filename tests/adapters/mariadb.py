"""A real MariaDB for tests: one server that all processes of a test run share."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text

MISSING: Final = (
    "MariaDB was not tested: no mariadbd is installed (on Debian: apt-get install mariadb-server), "
    "and CONSENT_CORE_TEST_MYSQL_URL names no server"
)

_PATH: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"

FAST: Final = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-use-native-aio=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--innodb-fast-shutdown=2",
    "--skip-name-resolve",
)
"""No test that uses them loses a whole server, so none needs to wait for the disk."""


class Programs(NamedTuple):
    """What a server is made of."""

    server: str
    install: str


def installed() -> Programs | None:
    """The programs of MariaDB, if they are installed."""
    server = shutil.which("mariadbd", path=_PATH)
    install = shutil.which("mariadb-install-db", path=_PATH)
    return Programs(server, install) if server and install else None


def options(folder: Path, user: str = "root") -> list[str]:
    """What both programs are told: where the data are, and nothing of the machine's own server.

    Args:
        folder: where the data are to be.
        user: who runs them, where root starts them.
    """
    as_root = [f"--user={user}"] if os.geteuid() == 0 else []
    return ["--no-defaults", f"--datadir={folder / 'data'}", *as_root]


def install(programs: Programs, folder: Path, user: str = "root") -> None:
    """Make the data of a new server; root of the database needs no password."""
    told = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    done = subprocess.run(  # noqa: S603  # our own arguments
        [programs.install, *options(folder, user), *told],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# The server lives as long as the process that started the test run, whatever ends that.
_WATCHED: Final = """
{
  "$@" & server=$!
  while kill -0 "$FOLLOWED" && kill -0 $server; do sleep 0.5; done
  kill -9 $server
  rm -rf "$FOLDER"
} &
"""


def _start(programs: Programs, folder: Path, followed: int) -> str:
    install(programs, folder)
    listens, log = folder / "socket", folder / "log"
    subprocess.run(  # noqa: S603  # as above
        [
            *("/bin/sh", "-c", _WATCHED, "sh", programs.server, *options(folder), *FAST),
            *("--skip-networking", f"--socket={listens}", f"--log-error={log}"),
            f"--pid-file={folder / 'pid'}",
        ],
        env={**os.environ, "FOLLOWED": str(followed), "FOLDER": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )
    wait_for(listens, log)
    return f"mariadb+pymysql://root@/?unix_socket={listens}"


def wait_for(socket_path: Path, log: Path, seconds: float = 60) -> None:
    """Wait until a server listens."""
    end = time.monotonic() + seconds
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(socket_path)) == 0:
                return
        said = log.read_text("utf-8", "replace")[-2_000:] if log.exists() else "nothing"
        assert time.monotonic() < end, f"MariaDB does not answer; it said: {said}"
        time.sleep(0.05)


def mariadb_server(shared: Path) -> str | None:
    """The URL of a server; None where there can be none.

    That of ``CONSENT_CORE_TEST_MYSQL_URL``, or one that the first process of a test run starts.

    Args:
        shared: a folder that all processes of the test run have in common.
    """
    if given := os.environ.get("CONSENT_CORE_TEST_MYSQL_URL"):
        return given
    programs = installed()
    if programs is None:
        return None
    note = shared / "mariadb.json"
    with (shared / "mariadb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if note.exists():
            url: str = json.loads(note.read_text("utf-8"))
            return url
        followed = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
        url = _start(programs, Path(tempfile.mkdtemp(prefix="mariadb")), followed)
        note.write_text(json.dumps(url), "utf-8")
        return url


@contextmanager
def mariadb_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database on a server; it is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        admin.dispose()


def told(url: str, statement: str) -> Engine:
    """An engine each of whose sessions is told something first."""
    return create_engine(url, connect_args={"init_command": statement})
