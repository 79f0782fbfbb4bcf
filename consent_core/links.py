"""Signed links to confirm and to revoke, and their mail headers (contract, section 6)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from consent_core.application.ports import LinkToken
from consent_core.domain.checks import checked_secrets
from consent_core.domain.errors import InvalidToken
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.vocabulary import LinkType, TokenRefusal

try:
    from itsdangerous import BadData, URLSafeSerializer
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "consent_core.links needs itsdangerous: pip install 'consent_core[links]'"
    ) from error

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_NOTHING_MORE: Final[tuple[Any, ...]] = (None, ())
"""The language and the topics of a token that has none."""

_SIGNED: Final = (LinkType.CONFIRMATION, LinkType.REVOKE_CONFIRMATION)


class SignedLinks:
    """Links whose tokens are signed, and need no storage.

    A token is bound to one action, one site, one consent with the revision that it had, and the
    moment of the request that it answers.

    Args:
        base_url: the page that the links lead to, ``https://...``; the token is added to its query
            as ``token``. ``http://`` is taken for this machine only, as ``localhost``: others would
            read the link, a credential.
        keys: secrets of 32 bytes or more, the newest first: the first one signs, all of them
            verify. Retire a key by leaving it out. ``secrets.token_urlsafe(32)`` makes one.
        site: the tenant, where several share keys; a token of one site is a forgery to all others.

    Raises:
        ValueError: there is no key, one is too short, or the URL is not absolute or not HTTPS.
    """

    def __init__(self, base_url: str, keys: Sequence[str | bytes], *, site: str = "") -> None:
        # itsdangerous signs with the last key of its list.
        secrets = [*reversed(checked_secrets(keys, "keys"))]
        self._base = urlsplit(base_url)
        if self._base.scheme not in ("https", "http") or not self._base.hostname:
            raise ValueError("base_url must be absolute: https://...")
        if self._base.scheme == "http" and not _is_loopback(self._base.hostname):
            raise ValueError(
                "base_url must be https://...; http:// is taken for this machine only, as localhost"
            )
        self._serializers = {
            action: URLSafeSerializer(secrets, salt=f"consent_core.{action}.{site}")
            for action in _SIGNED
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
        """As ``LinkIssuer.issue``; the token is signed when the link's URL is first read."""
        moment = (now - _EPOCH) // _MICROSECOND
        # What is not there takes no room in the token.
        rest = [language, topics] if topics else [language] if language else []
        parts = [consent.id.hex, moment, consent.revision, *rest]
        return Link.deferred(link_type, partial(self._url, self._serializers[link_type], parts))

    def _url(self, serializer: URLSafeSerializer, parts: list[Any]) -> str:
        token = serializer.dumps(parts)
        token = token.decode() if isinstance(token, bytes) else token
        query = "&".join(part for part in (self._base.query, urlencode({"token": token})) if part)
        return urlunsplit(self._base._replace(query=query))

    def read(self, token: str) -> LinkToken:
        """As ``LinkIssuer.read``."""
        for action, serializer in self._serializers.items():
            try:
                parts: list[Any] = serializer.loads(token)
            except (BadData, UnicodeEncodeError):
                continue
            consent_id, micros, revision, *rest = parts
            requested = _EPOCH + timedelta(microseconds=micros)
            language, topics = (*rest, *_NOTHING_MORE[len(rest) :])
            return LinkToken(action, UUID(consent_id), requested, revision, language, tuple(topics))
        raise InvalidToken(TokenRefusal.FORGED)


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine, as far as its name tells."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def list_unsubscribe_headers(link: Link, mailto: str | None = None) -> dict[str, str]:
    """The two headers that let a mail program unsubscribe with one click (RFC 2369, RFC 8058).

    Args:
        link: a revocation link; its URL must be HTTPS (RFC 8058, section 3.1).
        mailto: an address that takes unsubscriptions by mail, too.

    Returns:
        ``List-Unsubscribe`` and ``List-Unsubscribe-Post``, to be covered by the DKIM signature.

    Raises:
        ValueError: the link does not revoke, its URL is not HTTPS, or something would break the
            header.
    """
    if link.type is not LinkType.REVOKE_CONFIRMATION:
        raise ValueError("the link must be one to revoke")
    if not link.url.startswith("https://") or _BREAKS_HEADER.search(link.url):
        raise ValueError(
            "the link's URL must be HTTPS, in ASCII, without white space, commas or angle brackets"
        )
    targets = [link.url]
    if mailto is not None:
        if _BREAKS_HEADER.search(mailto) or "@" not in mailto:
            raise ValueError(
                "mailto must be an address in ASCII, without white space, commas or angle brackets"
            )
        targets.append(f"mailto:{mailto}")
    return {
        "List-Unsubscribe": ", ".join(f"<{target}>" for target in targets),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


_BREAKS_HEADER: Final = re.compile(r"[^\x21-\x7e]|[,<>]")
