"""What the admin calls the words of the library, in the language of whoever reads."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consent_core.adapters.django.topics import topic_label
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import TopicEvidence

LABELS: Final[Mapping[str, Any]] = {
    "UNKNOWN_STATE": _("not known"),
    "NEVER_CONFIRMED": _("never confirmed"),
    "PENDING": _("asked to confirm"),
    "CONFIRMED": _("confirmed"),
    "REVOKED": _("revoked"),
    "EMAIL": _("e-mail"),
    "PHONE": _("phone"),
    "UNKNOWN_SOURCE": _("source not known"),
    "IN_PERSON": _("in person"),
    "FORM": _("form"),
    "LINK_CONFIRMATION": _("link in a message"),
    "REVOKE_LINK": _("link in a message"),
    "EMAIL_SERVICE": _("another e-mail service"),
    "WIX_USERS": _("Wix account"),
    "OTHER": _("other source"),
    "UNKNOWN_ACTOR": _("actor not known"),
    "SUBJECT": _("the person"),
    "OPERATOR": _("the company"),
    "IMPORT": _("a list that was taken over"),
    "PROVIDER": _("a mailbox provider or carrier"),
    "UNKNOWN_OPT_IN_LEVEL": _("opt-in level not known"),
    "SINGLE_CONFIRMATION": _("single opt-in"),
    "DOUBLE_CONFIRMATION": _("double opt-in"),
}
"""By the word of a state, channel, source, actor or opt-in level."""


def told(event: ConsentEvent, named: bool) -> Iterator[str]:  # noqa: FBT001  # of one caller
    """An event in lines: when, what, and the evidence that the record had then.

    Args:
        event: what happened.
        named: whether the reader may see descriptions of evidence.
    """
    when = f"{event.sequence}. {event.occurred_at:%Y-%m-%d %H:%M} UTC"
    if isinstance(event, ConsentDeleted):
        yield f"{when}: {gettext('erased')}"
        return
    yield f"{when}: {LABELS[event.consent.state]}"
    for word, activity in (
        (gettext("yes"), event.consent.last_confirmation_activity),
        (gettext("no"), event.consent.last_revoke_activity),
    ):
        if activity is not None:
            yield f"{word}: {', '.join(map(str, _evidence(activity, named)))}"
    for name, topic in event.consent.topics.items():
        word = gettext("no") if topic.choice is TopicChoice.OUT else gettext("yes")
        yield f"{topic_label(name)}: {word}, {', '.join(map(str, _of_topic(topic)))}"


def _of_topic(topic: TopicEvidence) -> Iterator[Any]:
    yield f"{topic.updated_date:%Y-%m-%d %H:%M} UTC"
    # Whoever leaves a topic leaves it, so nothing is kept of who said it.
    if topic.choice is TopicChoice.IN:
        yield LABELS[topic.actor]


def _evidence(activity: ConfirmationActivity | RevokeActivity, named: bool) -> Iterator[Any]:  # noqa: FBT001  # as above
    yield f"{activity.updated_date:%Y-%m-%d %H:%M} UTC"
    yield LABELS[activity.source]
    yield LABELS[activity.acted_by]
    if isinstance(activity, ConfirmationActivity):
        yield LABELS[activity.opt_in_level]
    if named and activity.description:
        yield activity.description
