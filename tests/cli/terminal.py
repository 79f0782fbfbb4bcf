"""Runs a command whose standard streams are a terminal."""

import os
import pty
import subprocess
import termios
from tempfile import TemporaryFile
from typing import NamedTuple


class Shown(NamedTuple):
    """What became of a command.

    Args:
        status: its exit status.
        out: its standard output, if that is a pipe.
        terminal: what the terminal got.
    """

    status: int
    out: str
    terminal: str


def on_a_terminal(
    command: list[str], *, output_too: bool = False, stdin: bytes = b"", width: int = 80
) -> Shown:
    """Run a command whose standard error is a terminal.

    Args:
        command: the words of the command.
        output_too: whether its standard output is that terminal, too, and not a pipe.
        stdin: its standard input.
        width: columns of the terminal.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, width))
    # A terminal otherwise writes \r\n for \n.
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    environment = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    shown = b""
    with TemporaryFile() as given:
        # Not a pipe: whoever fills one does not read the terminal, and both ends would wait.
        given.write(stdin)
        given.seek(0)
        running = subprocess.Popen(  # noqa: S603  # our own
            command,
            stdin=given,
            stdout=theirs if output_too else subprocess.PIPE,
            stderr=theirs,
            env=environment,
        )
    with running:
        os.close(theirs)
        out = b"" if running.stdout is None else running.stdout.read()
        try:
            while more := os.read(ours, 65_536):
                shown += more
        except OSError:  # how Linux says that the other end of a terminal is closed
            pass
        finally:
            os.close(ours)
    return Shown(running.returncode, out.decode(), shown.decode())


def without_bar(terminal: str) -> str:
    """What a terminal shows in the end: text after a carriage return overwrites its line."""
    screen = []
    for text in terminal.split("\n"):
        cells: list[str] = []
        for part in text.split("\r"):
            cells[: len(part)] = part
        screen.append("".join(cells).rstrip())
    return "\n".join(screen)
