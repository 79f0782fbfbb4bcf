"""What ``explain`` and ``history`` say on a terminal: lines for people, identifiers masked."""

from collections.abc import Iterable, Iterator
from typing import Any

from consent_core.domain.events import ConsentCreated, ConsentDeleted, ConsentEvent
from consent_core.domain.explanation import Explanation


def as_answer(explanation: Explanation) -> dict[str, Any]:
    """An explanation as JSON."""
    return {
        "granted": bool(explanation),
        "reasons": [str(reason) for reason in explanation.reasons],
        "sentences": list(explanation.sentences),
    }


def sentences(explanation: Explanation) -> Iterator[str]:
    """An explanation as lines, which a support agent can read out."""
    return (f"{sentence}\n" for sentence in explanation.sentences)


def happenings(events: Iterable[ConsentEvent]) -> Iterator[str]:
    """A history as lines: when it was stored, who (masked), the state, and the dates of the acts.

    Descriptions of evidence may hold personal data, and are left out.
    """
    for event in events:
        stored = f"{event.occurred_at:%Y-%m-%d %H:%M:%S}  {event.sequence}"
        if isinstance(event, ConsentDeleted):
            yield f"{stored}  erased\n"
            continue
        consent = event.consent
        verb = "created" if isinstance(event, ConsentCreated) else "updated"
        parts = [stored, verb, str(consent.details), consent.state.lower().replace("_", " ")]
        for word, activity in (
            ("yes", consent.last_confirmation_activity),
            ("no", consent.last_revoke_activity),
        ):
            if activity is not None:
                source = activity.source.lower().replace("_", " ")
                parts.append(f"{word}: {activity.updated_date:%Y-%m-%d %H:%M:%S} {source}")
        parts += [f"{name}: {topic.choice.lower()}" for name, topic in consent.topics.items()]
        if consent.delivery is not None:
            parts.append(consent.delivery.status.lower())
        yield "  ".join(parts) + "\n"
