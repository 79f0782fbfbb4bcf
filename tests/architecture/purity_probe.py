"""Run as a program.

Uses the rules and the use cases under an audit hook, and prints what they touched.

Libraries load data when they are first used, so everything is done once before the hook listens.
"""

import json
import os
import sys
from datetime import UTC, datetime
from itertools import count
from typing import NoReturn
from uuid import UUID

import consent_core as cc
from consent_core.application.drivers import run

WATCHED: tuple[str, ...] = (
    "open",
    "import",
    "os.",
    "socket.",
    "subprocess.",
    "shutil.",
    "glob.",
    "pathlib.",
    "tempfile.",
    "urllib.",
)
WATCHED += (
    "exec",
    "compile",
    "time.sleep",
    "ctypes.",
    "sqlite3.",
    "syslog.",
    "pty.",
    "mmap.",
    "webbrowser.",
)

NOW = datetime(2024, 5, 1, tzinfo=UTC)


class NoEnvironment:
    """Takes the place of ``os.environ``: whoever looks at it is found out."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise AssertionError(f"the environment was used: {name}")

    def __getitem__(self, name: str) -> NoReturn:
        raise AssertionError(f"the environment was read: {name}")


def requests() -> list[cc.Upsert]:
    """Every state, for addresses and numbers, with and without dates and fields."""
    people: list[cc.Identifier] = [cc.Email("Jörg@exämple.org"), cc.Email("ada@example.org")]
    people += [cc.Phone("+1 202 555 0172"), cc.Phone("+445168993333"), cc.Phone("+49 30 123456")]
    return [
        cc.Upsert(
            details=who,
            state=state,
            last_confirmation_activity=cc.ConfirmationActivity(updated_date=date),
            last_revoke_activity=cc.RevokeActivity() if state is cc.ConsentState.REVOKED else None,
            extended_fields={"app": {"x": [1, {"y": None}]}},
        )
        for who in people
        for state in cc.ConsentState
        for date in (None, NOW)
    ]


def use_the_rules(commands: list[cc.Upsert]) -> None:
    """The domain alone: decisions, violations, eligibility, events and history."""
    for command in commands:
        for policy in (
            cc.Policy(),
            cc.Policy.wix(),
            cc.Policy.strict(),
            cc.Policy(valid_phones_only=True),
        ):
            try:
                decision = cc.decide(None, command, now=NOW, policy=policy)
            except cc.InvalidConsent as error:
                str(error)
                continue
            again = cc.decide(decision.consent, command, now=NOW, policy=policy)
            cc.eligibility(again.consent, now=NOW, policy=policy)
            cc.Query(where=cc.audience(command.details.channel, now=NOW, policy=policy)).matches(
                again.consent
            )
            cc.as_of(decision.events, NOW)
            str((decision, [event.id for event in decision.events]))


def use_the_use_cases(commands: list[cc.Upsert]) -> None:
    """Every plan, over the repository in memory, with a given clock and given ids."""
    ids = count(1)
    service = cc.ConsentService(clock=lambda: NOW, new_id=lambda _: UUID(int=next(ids)))
    list(service.bulk_upsert(commands))
    for consent in list(service.query(cc.Query(page_size=2, sort=cc.QueryField.CREATED_DATE))):
        service.upsert(commands[0])
        service.get_by_identifier(consent.details)
        service.update(consent.id, extended_fields={"app": {"x": 2}})
        service.remove(consent.details, cc.RevokeActivity())
        service.history(consent.id)
        service.get(consent.id)
        service.delete(consent.id)
        service.create(consent.details, cc.ConfirmationActivity())
    list(service.audience(cc.Channel.EMAIL))
    run(service.use_cases.upsert(commands[-1]), service.repository)


def use_everything() -> None:
    """Once around the house."""
    commands = requests()
    use_the_rules(commands)
    use_the_use_cases(commands)


def main() -> None:
    """Warm up, listen, and print what was heard; with an argument, do what it must hear."""
    use_everything()
    touched: list[str] = []
    listening = True

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event.startswith(WATCHED):
            touched.append(f"{event} {arguments[:1]}")

    if len(sys.argv) == 1:
        os.environ = NoEnvironment()  # type: ignore[assignment]  # noqa: B003
    sys.addaudithook(listen)
    if len(sys.argv) == 1:
        use_everything()
    else:
        exec(sys.argv[1])  # noqa: S102  # what the test wants to be heard
    listening = False
    sys.stdout.write(json.dumps(touched))


if __name__ == "__main__":
    main()
