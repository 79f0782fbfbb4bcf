"""What mypy tells callers: the right use is let pass, and every deliberate mistake is found."""

import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

MISTAKES = """
from typing import assert_never
from uuid import UUID

import consent_core as cc

service, somebody = cc.ConsentService(), cc.Email("ada@example.org")
revoked = cc.ConsentState.REVOKED
service.upsert(cc.Upsert(details="ada@example.org", state=revoked))  # expect: arg-type
service.upsert(cc.Upsert(details=somebody, state="REVOKED"))  # expect: arg-type
service.remove(somebody)  # expect: call-arg
service.remove(somebody, cc.ConfirmationActivity())  # expect: arg-type
service.update("1", revision=1)  # expect: arg-type
service.update(UUID(int=1), revision="1")  # expect: arg-type
service.update(UUID(int=1), colour="red")  # expect: call-arg
service.get_by_identifier(somebody).consent.state  # expect: union-attr
service.get(UUID(int=1)).state = cc.ConsentState.CONFIRMED  # expect: misc
cc.decide(None, cc.Upsert(details=somebody, state=revoked))  # expect: call-arg
cc.AsyncConsentService(cc.MemoryRepository())  # expect: arg-type
cc.ConsentService(cc.AsyncMemoryRepository())  # expect: arg-type
cc.Query(state="CONFIRMED")  # expect: arg-type
for answer in service.bulk_upsert([]):
    answer.consent  # expect: union-attr


def forgets_the_deleted(event: cc.ConsentEvent) -> None:
    match event:
        case cc.ConsentCreated() | cc.ConsentUpdated():
            pass
        case _:
            assert_never(event)  # expect: arg-type


async def forgets_to_wait(consents: cc.AsyncConsentService) -> None:
    consents.get(UUID(int=1)).id  # expect: attr-defined
"""


def test_right_use_is_let_pass_and_mistakes_are_found(tmp_path: Path) -> None:
    """``mypy --strict`` has nothing to say about the examples, and finds each mistake on its line
    with its code.
    """
    mistakes = tmp_path / "mistakes.py"
    mistakes.write_text(MISTAKES, encoding="utf-8")
    done = subprocess.run(  # noqa: S603  # this interpreter, with files of these tests
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "tests/architecture/typing_checks.py",
            str(mistakes),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(.+?):(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    expected = [
        (number, code)
        for number, line in enumerate(MISTAKES.splitlines(), start=1)
        for code in re.findall(r"# expect: ([\w-]+)", line)
    ]
    assert sorted({(int(line), code) for _, line, code in found}) == expected, (
        done.stdout + done.stderr
    )
    assert {Path(path).name for path, _, _ in found} == {mistakes.name}
