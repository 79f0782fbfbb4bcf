"""The links of messages, for whoever gets them.

Each function takes a record in place of an address, such as that of a row of
``may_be_contacted(..., consent_as="consent")``. Then nothing is looked up.
"""

from attrs import evolve

from consent_core.adapters.django.conf import get_links, get_service
from consent_core.adapters.django.links import token_of
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import Link, MarketingConsent
from consent_core.links import list_unsubscribe_headers


def unsubscribe_link(
    who: MarketingConsent | Identifier | str, language: str | None = None, topic: str | None = None
) -> Link:
    """Where a person can unsubscribe, or leave one topic.

    Args:
        who: an e-mail address, a phone number, or a record, which is not looked up again.
        language: a BCP 47 tag for the page behind the link.
        topic: what the message is about: the link leaves that topic only.

    Raises:
        ConsentNotFound: there is no consent to take back, so there is no message to send either.
        InvalidConsent: the policy does not declare the topic.
        ImproperlyConfigured: the settings have no ``LINK_KEYS``.
    """
    get_links()
    return get_service().revocation_link(who, topic=topic, link_language=language)


def preferences_link(who: MarketingConsent | Identifier | str, language: str | None = None) -> Link:
    """Where a person sees what was chosen, chooses topics, and can unsubscribe.

    Args:
        who: as for ``unsubscribe_link``.
        language: a BCP 47 tag for the page behind the link.

    Raises:
        ConsentNotFound: as for ``unsubscribe_link``.
        ImproperlyConfigured: as there.
    """
    link = unsubscribe_link(who, language)
    return evolve(link, url=get_links().preferences(token_of(link)))


def unsubscribe_headers(
    who: MarketingConsent | Identifier | str,
    mailto: str | None = None,
    topic: str | None = None,
) -> dict[str, str]:
    """The headers that let a mail program unsubscribe with one click (RFC 8058).

    They need HTTPS, so there are none where ``LINK_BASE_URL`` is ``http://`` for this machine.

    Args:
        who: the person that the message goes to, and nobody else; or the record.
        mailto: an address that takes unsubscriptions by mail, too.
        topic: as for ``unsubscribe_link``.

    Returns:
        For ``EmailMessage(headers=...)``.

    Raises:
        ConsentNotFound: as for ``unsubscribe_link``.
        InvalidConsent: as there.
        ImproperlyConfigured: as there.
        ValueError: ``mailto`` is no address for a header.
    """
    link = unsubscribe_link(who, topic=topic)
    # The settings take it for this machine only, where no mail program could follow the link.
    if link.url.startswith("http://"):
        return {}
    return list_unsubscribe_headers(link, mailto)
