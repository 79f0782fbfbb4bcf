"""``{% load consents %}``: the links in the templates of messages."""

from django import template

from consent_core.adapters.django.mail import preferences_link, unsubscribe_link
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent

register = template.Library()


@register.simple_tag
def unsubscribe_url(
    who: MarketingConsent | Identifier | str, language: str | None = None, topic: str | None = None
) -> str:
    """Where the person that a message goes to can unsubscribe, or leave the message's topic."""
    return unsubscribe_link(who, language, topic).url


@register.simple_tag
def preferences_url(who: MarketingConsent | Identifier | str, language: str | None = None) -> str:
    """Where the person that a message goes to chooses topics, or unsubscribes."""
    return preferences_link(who, language).url
