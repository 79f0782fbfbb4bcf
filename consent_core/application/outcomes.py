"""What the services answer."""

from typing import NamedTuple, final

from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.errors import ConsentError
from consent_core.domain.events import ConsentEvent
from consent_core.domain.model import Link, MarketingConsent
from consent_core.domain.vocabulary import ConsentState, KeptReason, LinkType, Reason, Result


@final
class Outcome(NamedTuple):
    """What became of a request.

    Args:
        result: whether the record was created, updated or left unchanged.
        kept: why the requested state was not taken; None when it was.
        consent: the record afterwards, as it is stored.
        events: what happened; empty exactly when nothing changed.
        link: to confirm after a question, else to revoke while CONFIRMED; None otherwise, and
            without a link issuer.
    """

    result: Result
    kept: KeptReason | None
    consent: MarketingConsent
    events: tuple[ConsentEvent, ...]
    link: Link | None = None

    @property
    def error(self) -> None:
        """None: the request was applied."""
        return None


@final
class Rejected(NamedTuple):
    """A request of a bulk that was not applied; the others were.

    Args:
        error: why.
    """

    error: ConsentError


@final
class Found(NamedTuple):
    """What is known of an identifier. It is true exactly when the person may be contacted.

    Whether there is a record is another question, which ``consent is None`` answers: there is one
    of whoever has left.

    Args:
        consent: the record, or None where there is none.
        eligibility: whether the person may be contacted now.
    """

    consent: MarketingConsent | None
    eligibility: CommunicationEligibility

    def __bool__(self) -> bool:
        """As ``eligibility``.

        A tuple with parts is true, and ``if found:`` would let everybody pass.
        """
        return bool(self.eligibility)

    @property
    def reasons(self) -> tuple[Reason | str, ...]:
        """Everything that forbids contact, the weightiest first; empty when nothing does."""
        return self.eligibility.reasons

    @property
    def link(self) -> Link | None:
        """Where the person can take the consent back.

        None without a record, and without a link issuer.
        """
        return self.eligibility.revoke_confirmation_link


@final
class LinkPreview(NamedTuple):
    """What a link would do: for the page that asks before it acts.

    Args:
        type: what it is for.
        consent: whose consent, as it is now.
        language: the BCP 47 tag that was given when the link was made.
    """

    type: LinkType
    consent: MarketingConsent
    language: str | None


def link_type_of(state: ConsentState, kept: KeptReason | None) -> LinkType | None:
    """Which link belongs to what became of a request (contract, section 6).

    A question that was taken is answered by a link to confirm; one that was kept because the person
    has confirmed already, too: whoever confirmed singly, or long ago, can confirm again.

    Args:
        state: the record's, afterwards.
        kept: why the requested state was not taken, if it was not.
    """
    if kept is KeptReason.ALREADY_CONFIRMED or (state is ConsentState.PENDING and kept is None):
        return LinkType.CONFIRMATION
    return LinkType.REVOKE_CONFIRMATION if state is ConsentState.CONFIRMED else None
