"""Links to the pages of the app, signed as all links of the library are."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from consent_core.application.ports import LinkToken
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.vocabulary import LinkType
from consent_core.links import SignedLinks


class PageLinks:
    """A ``LinkIssuer`` whose links lead to the page to confirm, or to the one to unsubscribe.

    Args:
        base_url: where ``consent_core.adapters.django.urls`` are included, ``https://...``.
        keys: as for ``SignedLinks``.
        site: the tenant.

    Raises:
        ValueError: as for ``SignedLinks``.
    """

    def __init__(self, base_url: str, keys: Sequence[str | bytes], *, site: str = "") -> None:
        self._base = base = base_url.removesuffix("/")
        self._pages = {
            LinkType.CONFIRMATION: SignedLinks(f"{base}/confirm/", keys, site=site),
            LinkType.REVOKE_CONFIRMATION: SignedLinks(f"{base}/unsubscribe/", keys, site=site),
        }

    def issue(
        self,
        link_type: LinkType,
        consent: MarketingConsent,
        *,
        now: datetime,
        language: str | None,
        topics: tuple[str, ...] = (),
    ) -> Link:
        """As ``LinkIssuer.issue``."""
        page = self._pages[link_type]
        return page.issue(link_type, consent, now=now, language=language, topics=topics)

    def read(self, token: str) -> LinkToken:
        """As ``LinkIssuer.read``."""
        # Both pages have the same keys.
        return self._pages[LinkType.CONFIRMATION].read(token)

    def preferences(self, token: str) -> str:
        """The address of the page of preferences, for the token of a link to unsubscribe."""
        return f"{self._base}/preferences/?{urlencode({'token': token})}"


def token_of(link: Link) -> str:
    """The token in a link that was made here."""
    return parse_qs(urlsplit(link.url).query)["token"][0]
