"""A field that is declared on a class is one that every store must keep."""

from typing import Any

import attrs
import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.records import MarketingConsent
from consent_core.domain.validation import Declared, declared_fields
from consent_core.testing import BrokenPromise
from consent_core.testing.clauses.reading import every_field_is_read_as_written
from consent_core.testing.kit import run_clause
from tests.testing.sabotage import Lossy

HOLDERS: dict[str, type] = {
    "": MarketingConsent,
    "last_confirmation_activity": ConfirmationActivity,
    "last_revoke_activity": RevokeActivity,
}
OPTIONAL = [
    pytest.param(holder, each, id=f"{cls.__name__}.{each.name}")
    for holder, cls in HOLDERS.items()
    for each in declared_fields(cls)
    if each.default is not attrs.NOTHING
]


def without(consent: MarketingConsent, holder: str, declared: Declared) -> MarketingConsent:
    """A record that has lost a field, where it can be without."""
    held: Any = getattr(consent, holder) if holder else consent
    if held is None:
        return consent
    less = attrs.evolve(held, **{declared.name: declared.default})
    return attrs.evolve(consent, **{holder: less}) if holder else less


@pytest.mark.parametrize(("holder", "declared"), OPTIONAL)
def test_a_store_that_loses_a_field_is_caught(holder: str, declared: Declared) -> None:
    """The clauses write a record in which the field is filled, and miss it."""

    class Loses(Lossy):
        def _kept(self, consent: MarketingConsent) -> MarketingConsent:
            return without(consent, holder, declared)

    with pytest.raises(BrokenPromise):
        run_clause(every_field_is_read_as_written, Loses())
