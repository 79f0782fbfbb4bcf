"""What the services answer, besides the ``Outcome`` of a request."""

from typing import NamedTuple, final

from consent_core.domain.eligibility import CommunicationEligibility
from consent_core.domain.errors import ConsentError
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.vocabulary import LinkType, Reason


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

    Whether there is a record is another question, which ``consent is None`` answers: somebody who
    has left has one.

    Args:
        consent: the record, or None where there is none.
        eligibility: whether the person may be contacted now.
    """

    consent: MarketingConsent | None
    eligibility: CommunicationEligibility

    def __bool__(self) -> bool:
        """As ``eligibility``: a tuple with parts is true, and ``if found:`` would let all pass."""
        return bool(self.eligibility)

    @property
    def reasons(self) -> tuple[Reason | str, ...]:
        """Every reason against contact, in order of precedence; empty when there is none."""
        return self.eligibility.reasons

    @property
    def link(self) -> Link | None:
        """Where the person can revoke the consent, or leave the topic that was asked about.

        None without a record or a link issuer.
        """
        return self.eligibility.revoke_confirmation_link


@final
class LinkPreview(NamedTuple):
    """What a link would do: for the page that asks before it acts.

    Args:
        type: what it is for.
        consent: whose consent, as it is now.
        language: the BCP 47 tag that was given when the link was made.
        topics: those that the person would join or leave; where a link to revoke has none, it
            revokes the whole consent.
        link: what else the person could do: where the link is to leave one topic, a link that
            revokes the whole consent.
    """

    type: LinkType
    consent: MarketingConsent
    language: str | None
    topics: tuple[str, ...] = ()
    link: Link | None = None
