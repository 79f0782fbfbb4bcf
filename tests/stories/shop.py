"""A shop whose customers come and go: one store, any clock, in either colour."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeAlias

from consent_core import (
    AsyncConsentService,
    ConsentService,
    KeptReason,
    LinkType,
    Outcome,
    Policy,
    Repository,
    Upsert,
)
from consent_core.domain.policy import DEFAULT_POLICY
from tests.application.services import Awaitable, Blocking
from tests.application.support import ADA, Clock
from tests.attack.sending import token_of
from tests.attack.servers import LINKS


class Clicking(Blocking):
    """``Blocking`` with the clicks on links."""

    def redeem(self, token: str, *, action: LinkType) -> Outcome:
        return asyncio.run(self.service.redeem(token, action=action))

    def redeem_one_click(self, token: str, form: Mapping[str, str]) -> Outcome:
        return asyncio.run(self.service.redeem_one_click(token, form))


class Shop:
    """One server of a shop, and what happens there to Ada's consent.

    Args:
        colour: of the service.
        repository: the store that all servers share.
        policy: of the shop.
    """

    def __init__(
        self, colour: str, repository: Repository, policy: Policy = DEFAULT_POLICY
    ) -> None:
        self.colour, self.repository, self.policy = colour, repository, policy
        self.clock = Clock()
        self.service: ConsentService | Clicking = (
            ConsentService(repository, policy=policy, links=LINKS, clock=self.clock)
            if colour == "sync"
            else Clicking(
                AsyncConsentService(
                    Awaitable(repository), policy=policy, links=LINKS, clock=self.clock
                )
            )
        )

    def another(self) -> "Shop":
        """Another server of the same shop."""
        return Shop(self.colour, self.repository, self.policy)

    def at(self, minute: float) -> ConsentService | Clicking:
        """The service at a minute of this server's clock."""
        self.clock.minute = minute
        return self.service

    def hears(self, minute: float, *requests: Upsert) -> list[KeptReason | None]:
        """Take requests at a minute; why each state was kept."""
        return [self.at(minute).upsert(request).kept for request in requests]

    def contactable(self) -> bool:
        """Whether Ada may be contacted, and is in the audience."""
        granted = self.service.get_by_identifier(ADA).eligibility.granted
        audience = [consent.details for consent in self.service.audience(ADA.channel)]
        assert audience == ([ADA] if granted else [])
        return granted

    def question(self, minute: float, request: Upsert) -> str:
        """The token of the link that asks Ada to confirm."""
        link = self.at(minute).upsert(request).link
        assert link is not None
        assert link.type is LinkType.CONFIRMATION
        return token_of(link)

    def revocation(self) -> str:
        """The token of the link with which Ada unsubscribes."""
        link = self.service.get_by_identifier(ADA).eligibility.revoke_confirmation_link
        assert link is not None
        return token_of(link)


ONE_CLICK = {"List-Unsubscribe": "One-Click"}
OpenShop: TypeAlias = Callable[..., Shop]


def confirms(shop: Shop, minute: float, token: str) -> Outcome:
    """Ada clicks on a link to confirm."""
    return shop.at(minute).redeem(token, action=LinkType.CONFIRMATION)
