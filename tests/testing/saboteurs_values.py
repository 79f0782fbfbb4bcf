"""Saboteurs that keep something else than they were given: values, and keys."""

import json
import unicodedata
from typing import Any

from attrs import evolve

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.errors import Unavailable
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.vocabulary import ConfirmationSource, ConsentState, RevokeSource
from tests.testing.sabotage import Keyed, Lossy, caught_by


@caught_by("every_field_is_read_as_written")
class ForgetsEmptyDescriptions(Lossy):
    """Takes an empty text for none, as Oracle does."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        activity = consent.last_confirmation_activity
        if activity is None:
            return consent
        return evolve(
            consent,
            last_confirmation_activity=evolve(activity, description=activity.description or None),
        )


@caught_by("every_field_is_read_as_written")
class CutsLongDescriptions(Lossy):
    """Has a column of 255 characters, and a database that cuts without a word."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        activity = consent.last_confirmation_activity
        if activity is None or activity.description is None:
            return consent
        cut = evolve(activity, description=activity.description[:255])
        return evolve(consent, last_confirmation_activity=cut)


@caught_by("every_field_is_read_as_written", "filters_mean_what_they_say")
class TruncatesMicroseconds(Lossy):
    """Keeps dates to the second."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        return evolve(consent, updated_date=consent.updated_date.replace(microsecond=0))


@caught_by("every_field_is_read_as_written")
class OneDateForBothSlots(Lossy):
    """Has one column for the date of the evidence."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        confirmation, revocation = consent.last_confirmation_activity, consent.last_revoke_activity
        if confirmation is None or revocation is None:
            return consent
        return evolve(
            consent, last_revoke_activity=evolve(revocation, updated_date=confirmation.updated_date)
        )


@caught_by("every_field_is_read_as_written")
class KeepsOnlyTheProof(Lossy):
    """Throws the revocation away once a person has come back."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        return (
            consent
            if consent.state is ConsentState.REVOKED
            else evolve(consent, last_revoke_activity=None)
        )


@caught_by("every_field_is_read_as_written")
class KeepsTheChoiceOnly(Lossy):
    """Keeps what a topic's dates lead to, and not the dates that it does not say."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        topics = {
            name: TopicEvidence(choice=each.choice, updated_date=each.updated_date)
            for name, each in consent.topics.items()
        }
        return evolve(consent, topics=Topics(topics))


@caught_by("every_field_is_read_as_written", "the_audience_is_who_is_eligible")
class LosesTheDoubleOptIn(Lossy):
    """Has no column for the double opt-in, and knows only what the confirmation slot says."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        return evolve(consent, double_confirmed_date=None)


@caught_by("every_field_is_read_as_written")
class KnowsFewSources(Lossy):
    """Has an enum in its database that lacks the younger words."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        confirmation, revocation = consent.last_confirmation_activity, consent.last_revoke_activity
        if confirmation == ConfirmationActivity(
            source=ConfirmationSource.WIX_USERS, updated_date=consent.created_date
        ):
            raise Unavailable("unknown word")
        if revocation == RevokeActivity(
            source=RevokeSource.WIX_USERS, updated_date=consent.created_date
        ):
            raise Unavailable("unknown word")
        return consent


@caught_by("every_field_is_read_as_written", "identifiers_are_compared_by_key")
class LosesTheCase(Lossy):
    """Keeps the key of an address, and not the address."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        return evolve(consent, details=type(consent.details).restore(consent.details.key))


@caught_by("every_field_is_read_as_written")
class RevisionsOf32Bits(Lossy):
    """Has a column of 32 bits, and an overflow."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        if consent.revision >= 2**31:
            raise Unavailable("integer out of range")
        return consent


@caught_by("every_field_is_read_as_written")
class RoundsExtendedFields(Lossy):
    """Keeps numbers to two places behind the point."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        text = consent.extended_fields.to_json()
        rounded = json.loads(text, parse_float=lambda number: round(float(number), 2))
        return evolve(consent, extended_fields=ExtendedFields(rounded))


@caught_by("every_field_is_read_as_written")
class WholeFloatsAreIntegers(Lossy):
    """Passes extended fields through a JSON reader that knows one kind of number."""

    def _kept(self, consent: MarketingConsent) -> MarketingConsent:
        return evolve(
            consent, extended_fields=ExtendedFields(_narrowed(consent.extended_fields.namespaces))
        )


def _narrowed(value: Any) -> Any:
    match value:
        case dict():
            return {name: _narrowed(each) for name, each in value.items()}
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


@caught_by("identifiers_are_compared_by_key")
class ComparesCase(Keyed):
    """Compares addresses as they are written."""

    def _key(self, identifier: Identifier) -> Identifier:
        return type(identifier).restore(
            "".join(f"{ord(letter):x}." for letter in identifier.address)
        )


@caught_by("identifiers_are_compared_by_key")
class LowersOnlyAscii(Keyed):
    """Compares in lower case, which for SQLite is a matter of ASCII."""

    def _key(self, identifier: Identifier) -> Identifier:
        lowered = "".join(
            letter.lower() if letter.isascii() else letter for letter in identifier.address
        )
        return type(identifier).restore("".join(f"{ord(letter):x}." for letter in lowered))


@caught_by("different_keys_stay_apart")
class FoldsCases(Keyed):
    """Folds where it should only lower, so that a sharp s is a double one."""

    def _key(self, identifier: Identifier) -> Identifier:
        return type(identifier).restore(identifier.address.casefold())


@caught_by("different_keys_stay_apart")
class StripsAccents(Keyed):
    """Compares by a collation that ignores accents."""

    def _key(self, identifier: Identifier) -> Identifier:
        parts = unicodedata.normalize("NFD", identifier.address)
        return type(identifier).restore(
            "".join(part for part in parts if not unicodedata.combining(part))
        )


@caught_by("different_keys_stay_apart")
class ComparesCompatibly(Keyed):
    """Normalises to NFKC, so that a ligature is its letters."""

    def _key(self, identifier: Identifier) -> Identifier:
        return type(identifier).restore(unicodedata.normalize("NFKC", identifier.address))


@caught_by("different_keys_stay_apart")
class DropsTags(Keyed):
    """Takes what stands behind a plus sign for the business of a provider."""

    def _key(self, identifier: Identifier) -> Identifier:
        if isinstance(identifier, Phone):
            return identifier
        local, _, domain = identifier.address.rpartition("@")
        return Email.restore(
            f"{local.partition('+')[0]}@{domain}" if domain else identifier.address
        )


@caught_by("channels_stay_apart")
class MixesChannels(Keyed):
    """Has a unique key on the text of the identifier, without the channel."""

    def _key(self, identifier: Identifier) -> Identifier:
        return Email.restore(identifier.address)
