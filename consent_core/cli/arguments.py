"""The arguments that commands share."""

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from consent_core.cli import lifecycle
from consent_core.cli.stores import KEYS_VARIABLE
from consent_core.domain.checks import as_word
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.policy import Policy
from consent_core.domain.topic_words import TopicDefault
from consent_core.domain.vocabulary import Channel, RevokeSource
from consent_core.wire import Names
from consent_core.wire.kinds import DATE_TIME
from consent_core.wire.reading import REFUSED


def argument(name: str, **options: Any) -> argparse.ArgumentParser:
    """A parser of one argument, for commands that have it to inherit from."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument(name, **options)
    return parent


def moment(text: str) -> datetime:
    """A moment of the command line."""
    try:
        read: datetime = DATE_TIME.accept(text)
    except REFUSED:
        raise argparse.ArgumentTypeError(
            "must be a date-time with an offset, as in 2024-06-01T00:00:00Z"
        ) from None
    return read


def declared_topics(text: str) -> dict[str, TopicDefault]:
    """The topics of the command line: names with their defaults."""
    pairs = [part.partition("=") for part in text.split(",")]
    topics = {name.strip(): as_word(default.strip(), TopicDefault) for name, _, default in pairs}
    try:
        return dict(Policy(topics=topics).topics)
    except InvalidConsent:
        raise argparse.ArgumentTypeError(
            "must be names with OPT_IN or OPT_OUT, as in offers=OPT_OUT,events=OPT_IN"
        ) from None


POLICIES: Final[dict[str, Callable[[], Policy]]] = {
    "default": Policy,
    "wix": Policy.wix,
    "strict": Policy.strict,
}

FILE: Final = argument("file", metavar="FILE", help="NDJSON; - for standard input")
WHO: Final = argument(
    "who", metavar="WHO", help="an e-mail address, a phone number with +, or an id"
)
ID: Final = argument("id", metavar="ID", help="the id of a consent, as get shows it")
AT: Final = argument(
    "--at",
    metavar="MOMENT",
    type=moment,
    help="a moment of the past that is asked about, as in 2024-06-01T00:00:00Z; now without it",
)
TOPIC: Final = argument(
    "--topic",
    metavar="NAME",
    help="what to contact about, or ANY_TOPIC; needed where --topics declares some",
)
TOPICS: Final = argument(
    "--topics",
    metavar="DECLARED",
    type=declared_topics,
    default={},
    help="the topics of the policy with their defaults, as in offers=OPT_OUT,events=OPT_IN",
)
_URL: Final = "an SQLAlchemy URL, e.g. sqlite:///consents.db"
STORE: Final = argument("--store", metavar="URL", required=True, help=_URL)
ANY_STORE: Final = argument("--store", metavar="URL", help=f"{_URL}; without it, a store in memory")
SITE: Final = argument("--site", default="", help="the tenant, if several share a store")
POLICY: Final = argument(
    "--policy", choices=POLICIES, default="default", help="the policy to decide by"
)
NAMES: Final = argument(
    "--names",
    choices=[name.lower() for name in Names],
    default="rest",
    help="the spelling of field names in answers",
)
WHOLE: Final = argument(
    "--whole",
    action="store_true",
    help="everything as it is, with histories and tombstones, in the format of restore",
)
SOURCE: Final = argument(
    "--source",
    choices=[*RevokeSource],
    default=RevokeSource.UNKNOWN_SOURCE,
    help="where the revocation came from",
)
DESCRIPTION: Final = argument("--description", help="what happened, in words")
SUPPRESS: Final = argument(
    "--suppress",
    action=argparse.BooleanOptionalAction,
    default=None,
    help="remember the no of the person, as is the default where there are secrets; "
    "--no-suppress is for a record that was made by mistake",
)
TOMBSTONE_KEYS: Final = argument(
    "--tombstone-keys",
    metavar="FILE",
    help="the secrets by which the no of erased people is remembered, one per line, the newest "
    f"first; without it, those in the variable {KEYS_VARIABLE}",
)
CHANNEL: Final = argument(
    "channel", type=str.upper, choices=[*Channel], help="how to contact the people"
)
FORMAT: Final = argument(
    "--format", choices=lifecycle.FORMATS, default="mermaid", help="a diagram or a table"
)
