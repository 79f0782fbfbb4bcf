"""Three nodes of MariaDB with Galera on this machine."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.adapters.mariadb import Programs, install, installed, options

NODES: Final = 3
PROVIDERS: Final = (
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib64/galera/libgalera_smm.so",
    "/usr/lib64/galera-4/libgalera_smm.so",
)

_USER: Final = "mysql"
"""Who runs a node that root starts: the rsync of root would give the data to nobody."""

SECONDS: Final = 90
"""How long a node may take until it is in the cluster."""


def provider() -> str | None:
    """The library of Galera, if it is installed."""
    return next((each for each in PROVIDERS if Path(each).exists()), None)


def missing() -> list[str]:
    """The packages of Debian that are missing for a cluster."""
    wanted = {
        "mariadb-server": installed() is not None,
        "galera-4": provider() is not None,
        "rsync": shutil.which("rsync") is not None,
    }
    return [name for name, there in wanted.items() if not there]


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses at the moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def engine_of(url: str) -> Engine:
    """An engine for a node, whose reads see what was committed on every other node before."""
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "init_command": "SET SESSION wsrep_sync_wait = 1",
            "connect_timeout": 2,
            "read_timeout": 20,
        },
    )


class Node:
    """A node that may be killed.

    Args:
        number: which of the three, from 1 on.
        folder: where its data and its log are.
        programs: what it is made of.
        peers: the ports on which the nodes talk to each other.
    """

    def __init__(self, number: int, folder: Path, programs: Programs, peers: Sequence[int]) -> None:
        self.number = number
        self._folder = folder
        self._programs = programs
        self._peers = peers
        self._port, self._increments, self._states = free_ports(3)
        self._server = f"mariadb+pymysql://root@127.0.0.1:{self._port}/"
        self.url = f"{self._server}consents"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        install(programs, folder, _USER)

    def start(self, *, first: bool = False, position: str | None = None) -> None:
        """Start it, and wait until it is in the cluster and has all that the others have.

        Args:
            first: it founds the cluster.
            position: what it has already, where it was in the cluster before.
        """
        told = [
            *(["--wsrep-new-cluster"] if first else []),
            *([f"--wsrep-start-position={position}"] if position else []),
        ]
        with self._log() as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own arguments
                [self._programs.server, *self._options(), *told],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_synced()

    def create_database(self) -> None:
        """Create the database that the engines use, on every node that is there."""
        engine = create_engine(self._server)
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE consents"))
        engine.dispose()

    def kill(self) -> None:
        """Kill it without a warning."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def rejoin(self) -> None:
        """Start it again, on what was left; the others send what it has missed."""
        recovered = subprocess.run(  # noqa: S603  # as above
            [self._programs.server, *self._options(), "--wsrep-recover"],
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"Recovered position:\s*(\S+)", recovered.stdout + recovered.stderr)
        assert found is not None, recovered.stderr[-2_000:]
        self.start(position=found[1])

    def _options(self) -> list[str]:
        peers = ",".join(f"127.0.0.1:{port}" for port in self._peers)
        own = self._peers[self.number - 1]
        told = {
            "gmcast.listen_addr": f"tcp://127.0.0.1:{own}",
            "ist.recv_addr": f"127.0.0.1:{self._increments}",
        }
        return [
            *options(self._folder, _USER),
            f"--socket={self._folder / 'socket'}",
            f"--pid-file={self._folder / 'pid'}",
            *("--bind-address=127.0.0.1", f"--port={self._port}", "--skip-name-resolve"),
            *("--binlog-format=ROW", "--innodb-autoinc-lock-mode=2"),
            *("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"),
            *("--innodb-use-native-aio=0", "--innodb-log-file-size=32M"),
            *("--wsrep-on=ON", f"--wsrep-provider={provider()}"),
            *("--wsrep-cluster-name=consents", f"--wsrep-cluster-address=gcomm://{peers}"),
            *(f"--wsrep-node-name=node{self.number}", f"--wsrep-node-address=127.0.0.1:{own}"),
            f"--wsrep-provider-options={';'.join(map('='.join, told.items()))}",
            *("--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address=127.0.0.1:{self._states}"),
        ]

    @contextmanager
    def _log(self) -> Iterator[IO[bytes]]:
        with (self._folder / "log").open("ab") as log:
            yield log

    def _wait_until_synced(self) -> None:
        engine = create_engine(self._server)
        end = time.monotonic() + SECONDS
        state = "no answer"
        while state != "Synced":
            said = (self._folder / "log").read_text("utf-8", "replace")[-3_000:]
            assert time.monotonic() < end, f"node {self.number}: {state}; it said: {said}"
            assert self._process is not None
            assert self._process.poll() is None, f"node {self.number} has ended; it said: {said}"
            time.sleep(0.1)
            with suppress(DBAPIError), engine.connect() as connection:
                asked = connection.execute(text("SHOW STATUS LIKE 'wsrep_local_state_comment'"))
                state = asked.one()[1]
        engine.dispose()


@contextmanager
def cluster(folder: Path) -> Iterator[list[Node]]:
    """Three nodes with an empty database; they are killed afterwards."""
    programs = installed()
    assert programs is not None
    folder.chmod(0o755)
    peers = free_ports(NODES)
    nodes = [
        Node(number, folder / f"node{number}", programs, peers) for number in range(1, NODES + 1)
    ]
    with ExitStack() as stack:
        for node in nodes:
            node.start(first=node is nodes[0])
            stack.callback(node.kill)
            if node is nodes[0]:
                node.create_database()
        yield nodes
