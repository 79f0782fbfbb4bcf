"""The part that also runs on the installed wheel: nothing but the package and pytest."""

import json
import subprocess
import sys
from importlib import resources

import pytest

import consent_core as cc

pytestmark = pytest.mark.smoke


def test_a_consent_goes_round() -> None:
    """Store, ask, revoke, ask again."""
    consents = cc.ConsentService()
    ada = cc.Email("ada@example.org")
    activity = cc.ConfirmationActivity(source=cc.ConfirmationSource.FORM)
    outcome = consents.upsert(
        cc.Upsert(details=ada, state=cc.ConsentState.CONFIRMED, last_confirmation_activity=activity)
    )
    assert outcome.result is cc.Result.CREATED
    assert [c.id for c in consents.audience(cc.Channel.EMAIL)] == [outcome.consent.id]
    consents.remove(ada, cc.RevokeActivity(source=cc.RevokeSource.FORM))
    assert consents.get_by_identifier(ada).eligibility.reasons == (cc.Reason.REVOKED,)
    assert not list(consents.audience(cc.Channel.EMAIL))


def test_the_package_is_typed() -> None:
    """The marker of PEP 561 is part of what is installed."""
    assert resources.files("consent_core").joinpath("py.typed").is_file()


def test_translations_are_compiled() -> None:
    """Those of the Django app are no code, and part of what is installed all the same."""
    catalogues = resources.files("consent_core").joinpath("adapters/django/locale")
    assert catalogues.joinpath("de/LC_MESSAGES/django.mo").is_file()


def test_the_command_line_starts() -> None:
    """``python -m consent_core`` answers a line of input with a line of output."""
    line = json.dumps(
        {"details": {"type": "PHONE", "phone": "+12025550172"}, "state": "NEVER_CONFIRMED"}
    )
    run = subprocess.run(
        [sys.executable, "-m", "consent_core", "apply", "-"],
        input=line,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout)["result"] == "CREATED"
