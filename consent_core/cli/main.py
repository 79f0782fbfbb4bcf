"""The commands: their arguments, what they call, and their exit statuses.

0: everything was done. 1: some lines were rejected, or there is no such consent. 2: the call was
wrong. 3: everything was done, but some answers could not be written.
"""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import BinaryIO, Final, TypeAlias

from consent_core.application.service import ConsentService
from consent_core.cli import arguments, lifecycle, lookup, output, telling
from consent_core.cli.apply import Answer, Progress, Run, summary
from consent_core.cli.ndjson import open_lines
from consent_core.cli.output import CannotWrite, as_line
from consent_core.cli.progress import bar
from consent_core.cli.reports import report
from consent_core.cli.services import open_service, open_store
from consent_core.cli.stores import CannotOpen
from consent_core.cli.table import rows
from consent_core.cli.telling import as_answer
from consent_core.domain.errors import ConsentError, RepositoryError
from consent_core.domain.vocabulary import Channel, Reason, RevokeSource
from consent_core.moving import export_whole, restore
from consent_core.wire import Names, error_body, to_wire

Command: TypeAlias = Callable[[argparse.Namespace], int]
"""Runs what was called, and returns the exit status."""

PROGRAM: Final = "python -m consent_core"

OK: Final = 0
REFUSED: Final = 1
MISUSED: Final = 2
LOST: Final = 3


def main(
    words: Sequence[str] | None = None,
    *,
    service: ConsentService | None = None,
    prog: str = PROGRAM,
    spelled: Callable[[str], str] = str,
) -> int:
    """Run a command.

    Args:
        words: those after the program; by default those of the process.
        service: what an application has set up, in place of arguments for store, site and policy.
        prog: what the program is called in its help.
        spelled: makes of WHO what the library reads, such as a number with the code of its country.

    Returns:
        The exit status.
    """
    called = _parser(service, prog).parse_args(words)
    if "who" in called:
        called.who = spelled(called.who)
    if sys.stdin is None or sys.stdout is None:
        return _misused("standard input and output must be open")
    # a text stream in every process
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    status = OK
    try:
        status = _run(called)
        output.flush()
    except CannotWrite as error:
        # Only commands that read come here. A reader like ``head`` that has gone wants no more.
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
        output.write_to_the_end([as_line({"error": error_body(error)})])
        return REFUSED
    return status


def _misused(why: str) -> int:
    output.write_note(f"consent_core: {why}")
    return MISUSED


def _apply(called: argparse.Namespace) -> int:
    return _over_lines(called, Run.apply)


def _check(called: argparse.Namespace) -> int:
    stored = called.service is not None or called.store is not None
    return _over_lines(called, Run.preview if stored else Run.check)


def _over_lines(
    called: argparse.Namespace, method: Callable[[Run, BinaryIO, Progress], Iterator[Answer]]
) -> int:
    with (
        open_lines(called.file) as (stream, size),
        open_service(called, preview=method is Run.preview) as service,
        bar(size) as progress,
    ):
        run = Run(service, _names(called))
        answers = method(run, stream, progress.advance)
        lost = 0
        if sys.stdout.isatty():
            lines: Iterable[str] = rows(answers, shutil.get_terminal_size().columns)
            pause = progress.pause
        else:
            lines, pause = (as_line(answer.body) for answer in answers), nullcontext
        if method is Run.apply:
            lost = output.write_to_the_end(lines, pause)
        else:
            output.write_lines(lines, pause)
    output.write_note(summary(run.tally))
    return REFUSED if run.tally["rejected"] else LOST if lost else OK


def _report(called: argparse.Namespace) -> int:
    tally: Counter[str] = Counter()
    with (
        open_lines(called.file) as (stream, size),
        open_service(called) as service,
        bar(size) as progress,
    ):
        answers = report(service, stream, progress.advance, _names(called), tally)
        lost = output.write_to_the_end(map(as_line, answers), progress.pause)
    output.write_note(summary(tally))
    return REFUSED if tally["rejected"] else LOST if lost else OK


def _get(called: argparse.Namespace) -> int:
    with open_service(called) as service:
        found = lookup.get(service, called.who, _names(called), called.at, called.topic)
    output.write_lines([as_line(found)])
    return REFUSED if found["marketingConsent"] is None else OK


def _explain(called: argparse.Namespace) -> int:
    with open_service(called) as service:
        told = lookup.explain(service, called.who, called.at, called.topic)
    on_terminal = sys.stdout.isatty()
    output.write_lines(telling.sentences(told) if on_terminal else [as_line(as_answer(told))])
    return REFUSED if told.reasons == (Reason.NO_CONSENT,) else OK


def _history(called: argparse.Namespace) -> int:
    with open_service(called) as service:
        events = lookup.history(service, called.who)
    names = _names(called)
    written = (as_line(to_wire(event, names=names)) for event in events)
    output.write_lines(telling.happenings(events) if sys.stdout.isatty() else written)
    return OK


def _delete(called: argparse.Namespace) -> int:
    with open_service(called) as service:
        erased = lookup.delete(service, called.id, _names(called), suppress=called.suppress)
    return LOST if output.write_to_the_end([as_line(erased)]) else OK


def _remove(called: argparse.Namespace) -> int:
    with open_service(called) as service:
        source = RevokeSource(called.source)
        removed = lookup.remove(service, called.who, source, called.description, _names(called))
    return LOST if output.write_to_the_end([as_line(removed)]) else OK


def _export(called: argparse.Namespace) -> int:
    if called.whole:
        with open_store(called) as store:
            output.write_lines(export_whole(store))
        return OK
    with open_service(called) as service:
        output.write_lines(map(as_line, lookup.export(service, _names(called))))
    return OK


def _restore(called: argparse.Namespace) -> int:
    with (
        open_lines(called.file) as (stream, size),
        open_store(called) as store,
        bar(size) as progress,
    ):
        moved = restore(store, progress.over(stream))
    return LOST if output.write_to_the_end([as_line(moved._asdict())]) else OK


def _audience(called: argparse.Namespace) -> int:
    channel = Channel(called.channel)
    with open_service(called) as service:
        people = lookup.audience(service, channel, _names(called), called.topic)
        output.write_lines(map(as_line, people))
    return OK


def _lifecycle(called: argparse.Namespace) -> int:
    output.write_lines([lifecycle.FORMATS[called.format]() + "\n"])
    return OK


def _names(called: argparse.Namespace) -> Names:
    return Names(called.names.upper())


_DECIDING: Final = (arguments.SITE, arguments.POLICY, arguments.TOPICS, arguments.TOMBSTONE_KEYS)
_OF_STORES: Final = (arguments.STORE, arguments.ANY_STORE, *_DECIDING)
_COMMON: Final = (arguments.STORE, *_DECIDING, arguments.NAMES)
_ANY_STORE: Final = (arguments.ANY_STORE, *_DECIDING, arguments.NAMES)

_COMMANDS: Final[tuple[tuple[Command, str, tuple[argparse.ArgumentParser, ...]], ...]] = (
    (
        _apply,
        "apply consents, one upsert per line of NDJSON, and answer each line",
        (arguments.FILE, *_ANY_STORE),
    ),
    (
        _check,
        "check consents as apply would, with a store also against what it holds; store nothing",
        (arguments.FILE, *_ANY_STORE),
    ),
    (
        _get,
        "show the consent of one person, and whether that person may be contacted",
        (arguments.WHO, arguments.AT, arguments.TOPIC, *_COMMON),
    ),
    (
        _explain,
        "say in sentences why a person may be contacted, or may not, and what would change it",
        (arguments.WHO, arguments.AT, arguments.TOPIC, arguments.STORE, *_DECIDING),
    ),
    (
        _history,
        "show what happened to the consent of one person, one event per line",
        (arguments.WHO, *_COMMON),
    ),
    (
        _remove,
        "revoke the consent of one person; the record stays",
        (arguments.WHO, arguments.SOURCE, arguments.DESCRIPTION, *_COMMON),
    ),
    (
        _delete,
        "erase a consent and its history; remove revokes, and keeps the opt-out",
        (arguments.ID, arguments.SUPPRESS, *_COMMON),
    ),
    (
        _report,
        "store bounces, deliveries and complaints, one delivery report per line of NDJSON",
        (arguments.FILE, *_COMMON),
    ),
    (
        _export,
        "write every consent as NDJSON, which apply reads; --whole writes what restore reads",
        (arguments.WHOLE, *_COMMON),
    ),
    (
        _restore,
        "fill an empty store with what export --whole wrote: all of it as it is, or nothing",
        (arguments.FILE, arguments.STORE, arguments.SITE),
    ),
    (
        _audience,
        "write every consent that may be contacted on a channel now",
        (arguments.CHANNEL, arguments.TOPIC, *_COMMON),
    ),
    (_lifecycle, "print the lifecycle of a consent", (arguments.FORMAT,)),
)
"""Each command, what it does, and its arguments."""


def _parser(service: ConsentService | None = None, prog: str = PROGRAM) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Keeps marketing consents and says who may be contacted.",
    )
    commands = parser.add_subparsers(required=True)
    for command, about, parents in _COMMANDS:
        name = command.__name__.removeprefix("_")
        kept = [each for each in parents if service is None or each not in _OF_STORES]
        added = commands.add_parser(name, help=about, description=about, parents=kept)
        added.set_defaults(command=command, service=service)
    return parser
