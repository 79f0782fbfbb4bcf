"""The command line.

Its commands and options, exit statuses, and the lines that it reads and writes.
"""

import json
from argparse import ArgumentParser, _SubParsersAction
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import BytesIO, TextIOWrapper
from typing import Any, Final

from consent_core.application.service import ConsentService
from consent_core.cli.apply import Answer, Run, summary
from consent_core.cli.lookup import audience, delete, explain, export, get, history, remove
from consent_core.cli.main import LOST, MISUSED, OK, REFUSED, _parser, main
from consent_core.cli.reports import report
from consent_core.cli.stores import Preview
from consent_core.cli.table import rows
from consent_core.cli.telling import as_answer
from consent_core.domain.vocabulary import Channel, RevokeSource
from consent_core.wire import Names, to_wire
from tests.cli.unread import unread
from tests.docs.markdown import ROOT, WIDTH
from tests.docs.reference.examples import deployment
from tests.docs.reference.tables import as_json, block, code, codes, table

PROGRAM: Final = "python -m consent_core"


def commands() -> dict[str, tuple[str, ArgumentParser]]:
    """What each command does, and the parser of its arguments."""
    # argparse has no other way to look into a parser
    for action in _parser()._actions:  # noqa: SLF001
        if isinstance(action, _SubParsersAction):
            # as above
            about = {each.dest: each.help or "" for each in action._choices_actions}  # noqa: SLF001
            return {name: (about[name], parser) for name, parser in action.choices.items()}
    raise LookupError("there are no commands")


def _overview() -> str:
    return table(
        ("command", "does"),
        [(f"[{name}](#{name})", about) for name, (about, _) in commands().items()],
    )


def _commands() -> str:
    return "\n".join(_command(name, about, parser) for name, (about, parser) in commands().items())


def _command(name: str, about: str, parser: ArgumentParser) -> str:
    # as above
    actions = [action for action in parser._actions if action.dest != "help"]  # noqa: SLF001
    words = [_usage(action) for action in sorted(actions, key=_place)]
    rows = [
        (
            code(_word(action)),
            codes(map(str, action.choices or ())),
            _default(action),
            action.help or "",
        )
        for action in actions
    ]
    parts = [
        f"### {name}\n",
        f"{about[:1].upper()}{about[1:]}.\n",
        block("sh", _wrapped([PROGRAM, name, *words])),
    ]
    return "\n".join([*parts, table(("argument", "values", "default", "meaning"), rows)])


def _wrapped(words: Sequence[str]) -> str:
    """A command over several lines if it is wider than the site shows."""
    lines = [words[0]]
    for word in words[1:]:
        if len(f"{lines[-1]} {word} \\") > WIDTH:
            lines.append(f"    {word}")
        else:
            lines[-1] += f" {word}"
    return " \\\n".join(lines)


def _place(action: Any) -> tuple[bool, bool]:
    """What must be there comes first, and options come last."""
    return bool(action.option_strings), not action.required


def _word(action: Any) -> str:
    value = action.metavar or action.dest.upper()
    return f"{action.option_strings[0]} {value}" if action.option_strings else value


def _usage(action: Any) -> str:
    return _word(action) if action.required else f"[{_word(action)}]"


def _default(action: Any) -> str:
    if action.required:
        return "required"
    return code(action.default) if action.default else "none"


_CALLS: Final = (
    (OK, "all was done", ["check", "docs/examples/consents.ndjson"]),
    (
        REFUSED,
        "some of it was refused, or there is no such consent",
        ["check", "docs/examples/mistakes.ndjson"],
    ),
    (
        MISUSED,
        "the call itself was wrong, or the store failed",
        ["check", "docs/examples/nothing.ndjson"],
    ),
    (
        LOST,
        "all was done, and answers could not be written",
        ["apply", "docs/examples/consents.ndjson", "|", "true"],
    ),
)


_UNREAD: Final = {"|", "true"}


def status_of(arguments: Sequence[str]) -> int:
    """The exit status of a call, whatever it prints.

    Paths are those of the project, and nobody reads from a pipe.
    """
    there = [
        str(ROOT / each) if each.startswith("docs/") else each
        for each in arguments
        if each not in _UNREAD
    ]
    taken, errors = TextIOWrapper(BytesIO()), TextIOWrapper(BytesIO())
    with (
        unread("w") as untaken,
        redirect_stdout(untaken if _UNREAD.issubset(arguments) else taken),
        redirect_stderr(errors),
    ):
        return main(there)


def _statuses() -> str:
    rows = []
    for status, meaning, call in _CALLS:
        if status_of(call) != status:
            raise ValueError(f"{call} does not end with {status}")
        rows.append((code(status), meaning, code(" ".join(call))))
    return table(("status", "meaning", "for example"), rows)


LINES: Final = (
    {
        "details": {"type": "EMAIL", "email": "ada@example.org"},
        "state": "CONFIRMED",
        "lastConfirmationActivity": {"source": "FORM", "updatedDate": "2024-04-30T09:00:00Z"},
    },
    {"details": {"type": "EMAIL", "email": "ada@example.org"}, "state": "UNKNOWN_STATE"},
    {"details": {"type": "PHONE"}, "state": "REVOKED"},
)
"""What stands in the file of the examples."""


REPORTED: Final = (
    b'{"identifier": {"type": "EMAIL", "email": "ada@example.org"}, "event": "PERMANENT_BOUNCE", '
    b'"reportedDate": "2024-04-30T10:00:00Z", "code": "5.1.1"}\n'
)
"""What stands in the file of delivery reports."""


def lines() -> dict[str, list[dict[str, Any]]]:
    """What each command writes, by its name: one object for each line."""
    service, ada = deployment(links=None), "ada@example.org"
    previewing = deployment(Preview(service.repository), links=None)
    return {
        "check": _bodies(Run(service, Names.REST).check(_stream(), _ignore)),
        "check-store": _bodies(Run(previewing, Names.REST).preview(_stream(), _ignore)),
        "apply": _bodies(Run(service, Names.REST).apply(_stream(), _ignore)),
        "get": [get(service, ada, Names.REST)],
        "explain": [as_answer(explain(service, ada))],
        "history": [to_wire(event) for event in history(service, ada)],
        "export": list(export(service, Names.REST)),
        "audience": list(audience(service, Channel.EMAIL, Names.REST)),
        "remove": [remove(service, ada, RevokeSource.FORM, "Asked at the counter.", Names.REST)],
        "report": list(report(service, BytesIO(REPORTED), _ignore, Names.REST, Counter())),
        "delete": [delete(service, _id_of(service, ada), Names.REST)],
    }


def _id_of(service: ConsentService, who: str) -> str:
    return str(get(service, who, Names.REST)["marketingConsent"]["id"])


def _bodies(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    return [answer.body for answer in answers]


def _table() -> str:
    run = Run(deployment(links=None), Names.REST)
    return block("text", "".join(rows(run.apply(_stream(), _ignore), 84)).rstrip())


def _ignore(_: int) -> None:
    """Progress, which nobody watches."""


def _stream() -> BytesIO:
    return BytesIO("".join(json.dumps(line) + "\n" for line in LINES).encode())


def _read() -> str:
    return block("json", "\n".join(json.dumps(line) for line in LINES))


def _written(command: str) -> str:
    return "\n".join(as_json(line) for line in lines()[command])


def _summary() -> str:
    run = Run(deployment(links=None), Names.REST)
    list(run.apply(_stream(), _ignore))
    return block("text", summary(run.tally))


COMMAND_LINE: Final[dict[str, Callable[[], str]]] = {
    "cli-overview": _overview,
    "cli-commands": _commands,
    "cli-statuses": _statuses,
    "cli-read": _read,
    "cli-reported": lambda: block("json", REPORTED.decode().rstrip()),
    "cli-summary": _summary,
    "cli-table": _table,
    **{f"cli-{command}": partial(_written, command) for command in lines()},
}
"""The parts of the page on the command line, by name."""
