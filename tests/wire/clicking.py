"""The clicks of people on the links of a site, and why they are refused."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import pytest

from consent_core import (
    ConsentEvent,
    ConsentState,
    InvalidToken,
    LinkPreview,
    LinkType,
    Outcome,
    TokenRefusal,
)
from tests.application.support import ADA, Delegate, ask
from tests.wire.serving import Site, token_of

CONFIRM, REVOKE = LinkType.CONFIRMATION, LinkType.REVOKE_CONFIRMATION
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Clicks:
    """The clicks of people on the links of a site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def preview(self, token: str, action: LinkType | None = None) -> LinkPreview:
        """Look at what a link would do."""
        return self.site.service.preview(token, action=action)

    def redeem(self, token: str, action: LinkType = LinkType.CONFIRMATION) -> Outcome:
        """Do it."""
        return self.site.service.redeem(token, action=action)

    def pending(self, minute: float | None = None) -> str:
        """The confirmation token of a sign-up."""
        return token_of(
            self.site.service.upsert(ask(ConsentState.PENDING, minute), link_language="de").link
        )

    def revocation(self) -> str:
        """A token to revoke, whatever the state."""
        found = self.site.service.get_by_identifier(ADA, link_language="fr")
        return token_of(found.eligibility.revoke_confirmation_link)

    def one_click(self, token: str, form: Mapping[str, str] = ONE_CLICK) -> Outcome:
        """Let the mail program unsubscribe."""
        return self.site.service.redeem_one_click(token, form)

    def refused(self, token: str, action: LinkType = CONFIRM) -> TokenRefusal:
        """Why a click is refused; the preview says the same, and nothing changes."""
        before = self.site.stored()
        reason = refused(lambda: self.redeem(token, action))
        assert refused(lambda: self.preview(token, action)) is reason
        assert self.site.stored() == before
        return reason


class Forgetful(Delegate):
    """A store whose history lacks some revisions, or all."""

    lost: frozenset[int] | None = None

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        lost = self.lost
        return (
            []
            if lost is None
            else [each for each in super().history(consent_id) if each.sequence not in lost]
        )


def refused(act: Callable[[], object]) -> TokenRefusal:
    """Why a click is refused."""
    with pytest.raises(InvalidToken) as caught:
        act()
    assert caught.value.reason.lower().replace("_", " ") in str(caught.value)
    return caught.value.reason
