"""A click on a confirmation link proves a double opt-in, whatever was known before (contract,
section 6).
"""

from datetime import UTC, datetime

from consent_core import (
    ConfirmationActivity,
    ConfirmationSource,
    ConsentService,
    ConsentState,
    Email,
    LinkType,
    OptInLevel,
    Policy,
    Result,
    Upsert,
)
from consent_core.links import SignedLinks
from tests.wire.serving import token_of

ADA = Email("ada@example.org")


def test_a_click_after_a_single_confirmation_makes_it_double() -> None:
    """Who confirmed once meanwhile is not stuck below a policy that wants it twice.

    A second click changes nothing.
    """
    consents = ConsentService(
        links=SignedLinks("https://example.org/c", ["k" * 32]), policy=Policy.strict()
    )
    form = ConfirmationActivity(source=ConfirmationSource.FORM)
    token = token_of(
        consents.upsert(
            Upsert(details=ADA, state=ConsentState.PENDING, last_confirmation_activity=form)
        ).link
    )
    single = ConfirmationActivity(
        source=ConfirmationSource.IN_PERSON,
        opt_in_level=OptInLevel.SINGLE_CONFIRMATION,
        updated_date=datetime(2026, 1, 1, tzinfo=UTC),
    )
    consents.upsert(
        Upsert(details=ADA, state=ConsentState.CONFIRMED, last_confirmation_activity=single)
    )
    assert not consents.get_by_identifier(ADA).eligibility.granted
    clicked = consents.redeem(token, action=LinkType.CONFIRMATION)
    assert clicked.result is Result.UPDATED
    assert consents.get_by_identifier(ADA).eligibility.granted
    again = consents.redeem(token, action=LinkType.CONFIRMATION)
    assert (again.result, again.consent) == (Result.UNCHANGED, clicked.consent)
