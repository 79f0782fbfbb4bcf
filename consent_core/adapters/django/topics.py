"""What a person chooses on the page of preferences: topics (contract, section 8)."""

from collections.abc import Mapping
from typing import Any

from django import forms

from consent_core.adapters.django.conf import get_service, get_setting
from consent_core.domain.claims import Claims
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import MarketingConsent
from consent_core.wire.records import read_upsert


def topic_label(name: str) -> Any:
    """What pages call a topic: its label in ``TOPIC_LABELS``, or its name."""
    return get_setting("TOPIC_LABELS").get(name, name)


class TopicsForm(forms.Form):
    """A box for each topic.

    The form also sends what it showed, so that only what the person changed is a choice: a page
    that was open for long undoes nothing that was chosen elsewhere.

    Args:
        shown: whether the person wants it, by topic.
        data: what was sent.
    """

    def __init__(self, shown: Mapping[str, bool], data: Any = None) -> None:
        super().__init__(data, prefix="topic", label_suffix="")
        for name, is_wanted in shown.items():
            self.fields[name] = forms.BooleanField(
                label=topic_label(name), required=False, initial=is_wanted, show_hidden_initial=True
            )

    @property
    def choices(self) -> dict[str, Any]:
        """What the person changed, as requests write it."""
        self.full_clean()
        return {
            name: {"choice": "IN" if self.cleaned_data[name] else "OUT"}
            for name in self.changed_data
        }


def choose(consent: MarketingConsent, data: Any) -> Outcome | None:
    """Store what was changed in a form, as the person's own choice; None where nothing was.

    Args:
        consent: whose, as the link says.
        data: what was sent.
    """
    service = get_service()
    policy = service.use_cases.policy
    # What the page showed comes back with the form, so only the names matter here.
    choices = TopicsForm(dict.fromkeys(policy.topics, False), data).choices
    if not choices:
        return None
    request = read_upsert(
        {"topics": choices},
        policy=policy,
        claims=Claims.preference_page(),
        identifier=consent.details,
    )
    return service.upsert(request)
