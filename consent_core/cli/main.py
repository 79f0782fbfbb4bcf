"""Arguments and exit statuses.

0 all was done, 1 some was refused, 2 the call was wrong, 3 done but answers lost.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from consent_core.application.service import ConsentService
from consent_core.cli import lifecycle, lookup
from consent_core.cli.apply import Run, summary
from consent_core.cli.output import CannotWrite, say, write_lines, write_to_the_end, writing
from consent_core.cli.progress import bar
from consent_core.cli.stores import CannotOpen, Preview, opened
from consent_core.domain.errors import ConsentError, RepositoryError
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, RevokeSource
from consent_core.wire import Names, error_body

POLICIES: Final[dict[str, Callable[[], Policy]]] = {
    "default": Policy,
    "wix": Policy.wix,
    "strict": Policy.strict,
}

OK: Final = 0
REFUSED: Final = 1
MISUSED: Final = 2
LOST: Final = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: what stands behind ``python -m consent_core``; by default what the process was
            given.

    Returns:
        The exit status.
    """
    called = _parser().parse_args(arguments)
    if sys.stdin is None or sys.stdout is None:
        return _misused("standard input and output must be open")
    # a text stream in every process
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    status = OK
    try:
        status = _run(called)
        with writing(sys.stdout):
            sys.stdout.flush()
    except CannotWrite as error:
        # A command that changes a store never comes here. Of the others a reader has got what it
        # wanted, as ``head``.
        return status if error.closed else _misused(f"output: {error}")
    return status


def _run(called: argparse.Namespace) -> int:
    try:
        status: int = called.command(called)
    except OSError as error:
        return _misused(f"{error.filename or 'input'}: {error.strerror}")
    except (CannotOpen, RepositoryError) as error:
        return _misused(str(error))
    except ConsentError as error:
        write_to_the_end([{"error": error_body(error)}], sys.stdout)
        return REFUSED
    return status


def _misused(why: str) -> int:
    say(f"consent_core: {why}")
    return MISUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m consent_core", description="Marketing consent, decided."
    )
    commands = parser.add_subparsers(required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(command=run)
        return added

    apply = command(
        "apply",
        _apply,
        "apply consents, one upsert for each line of NDJSON; tell what became of each",
    )
    check = command(
        "check",
        _check,
        "tell what is wrong with consents and, with a store, what would become of them; store nothing",
    )
    get = command(
        "get", _get, "tell the consent of one person, and whether that person may be contacted"
    )
    remove = command("remove", _remove, "revoke the consent of one person")
    export = command("export", _export, "write every consent as NDJSON, which apply reads back")
    audience = command(
        "audience", _audience, "write every consent that may be contacted on a channel now"
    )
    for each in (apply, check):
        each.add_argument("file", metavar="FILE", help="NDJSON; - for standard input")
    for each in (get, remove):
        each.add_argument(
            "who", metavar="WHO", help="an e-mail address, a phone number with +, or an id"
        )
    remove.add_argument(
        "--source",
        choices=[*RevokeSource],
        default=RevokeSource.UNKNOWN_SOURCE,
        help="where the revocation came from",
    )
    remove.add_argument("--description", help="what happened, in words")
    audience.add_argument(
        "channel", type=str.upper, choices=[*Channel], help="how they are to be reached"
    )
    for each in (apply, check, get, remove, export, audience):
        _add_choices(each, store_needed=each not in (apply, check))
    shown = command("lifecycle", _lifecycle, "print the lifecycle of a consent")
    shown.add_argument(
        "--format", choices=lifecycle.FORMATS, default="mermaid", help="a diagram, or a table"
    )
    return parser


def _add_choices(command: argparse.ArgumentParser, *, store_needed: bool) -> None:
    url = "an SQLAlchemy URL, e.g. sqlite:///consents.db" + (
        "" if store_needed else "; in memory without it"
    )
    command.add_argument("--store", metavar="URL", required=store_needed, help=url)
    command.add_argument("--site", default="", help="the tenant, where several share a store")
    command.add_argument(
        "--policy", choices=POLICIES, default="default", help="the choices to decide by"
    )
    command.add_argument(
        "--names", choices=[n.lower() for n in Names], default="rest", help="spelling of answers"
    )


@contextmanager
def _service(called: argparse.Namespace, *, preview: bool = False) -> Iterator[ConsentService]:
    with opened(called.store, called.site) as repository:
        yield ConsentService(
            Preview(repository) if preview else repository, policy=POLICIES[called.policy]()
        )


def _names(called: argparse.Namespace) -> Names:
    return Names(called.names.upper())


def _apply(called: argparse.Namespace) -> int:
    return _over_lines(called, Run.apply)


def _check(called: argparse.Namespace) -> int:
    return _over_lines(called, Run.check if called.store is None else Run.preview)


def _over_lines(called: argparse.Namespace, method: Callable[..., Iterator[dict[str, Any]]]) -> int:
    lost = 0
    with (
        _opened(called.file) as (stream, size),
        _service(called, preview=method is Run.preview) as service,
        bar(size) as progress,
    ):
        run = Run(service, _names(called))
        answers = method(run, stream, progress)
        if method is Run.apply:
            lost = write_to_the_end(answers, sys.stdout)
        else:
            write_lines(answers, sys.stdout)
    say(summary(run.tally))
    return REFUSED if run.tally["rejected"] else LOST if lost else OK


def _get(called: argparse.Namespace) -> int:
    with _service(called) as service:
        found = lookup.get(service, called.who, _names(called))
    write_lines([found], sys.stdout)
    return REFUSED if found["marketingConsent"] is None else OK


def _remove(called: argparse.Namespace) -> int:
    with _service(called) as service:
        source = RevokeSource(called.source)
        removed = lookup.remove(service, called.who, source, called.description, _names(called))
    return LOST if write_to_the_end([removed], sys.stdout) else OK


def _export(called: argparse.Namespace) -> int:
    with _service(called) as service:
        write_lines(lookup.export(service, _names(called)), sys.stdout)
    return OK


def _audience(called: argparse.Namespace) -> int:
    with _service(called) as service:
        write_lines(lookup.audience(service, Channel(called.channel), _names(called)), sys.stdout)
    return OK


def _lifecycle(called: argparse.Namespace) -> int:
    with writing(sys.stdout):
        print(lifecycle.FORMATS[called.format]())
    return OK


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The bytes of a file with their number, or those of standard input."""
    if name == "-":
        yield sys.stdin.buffer, None
    else:
        with Path(name).open("rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size
