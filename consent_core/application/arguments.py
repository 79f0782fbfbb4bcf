"""The arguments of the services' calls, and the requests that they make."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypedDict

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import as_word
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.identifiers import Identifier, identifier_of
from consent_core.domain.requests import FieldsLike, Upsert
from consent_core.domain.tombstones import TombstoneKeys
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import ChoicesLike, TopicActivity, as_choices
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)


class UpdateFields(TypedDict, total=False):
    """What ``update`` takes beside the id, as in ``Update``."""

    state: ConsentState
    last_confirmation_activity: ConfirmationActivity
    last_revoke_activity: RevokeActivity
    extended_fields: FieldsLike
    topics: ChoicesLike
    details: Identifier
    revision: int


def checked_chunk_size(size: int, most: int | None) -> int:
    """A chunk size, if it loses nothing: a chunk of no requests would end a bulk at once.

    Args:
        size: what the caller asks for.
        most: how many requests one commit has room for; None for any number.
    """
    if size < 1:
        raise ValueError(f"chunk_size must be 1 at the least, not {size}")
    return size if most is None else min(size, most)


def most_requests(repository: object) -> int | None:
    """How many requests one commit of a repository has room for; None where it has for any number.

    A request changes one record and makes one event.

    Raises:
        ValueError: there is no room for one request.
    """
    most = getattr(repository, "max_changes", None)
    if most is None:
        return None
    if type(most) is not int or most < _OF_A_REQUEST:
        raise ValueError(
            f"max_changes of a repository must be an integer, {_OF_A_REQUEST} at the least: a "
            f"record and its event; it is {most!r}"
        )
    return most // _OF_A_REQUEST


_OF_A_REQUEST: Final = 2


def checked_tombstone_keys(
    keys: Sequence[str | bytes] | None, repository: object
) -> TombstoneKeys | None:
    """The secrets of a service, for the site of its repository."""
    if keys is None:
        return None
    site = getattr(repository, "site", None)
    if not isinstance(site, str):
        raise TypeError("tombstone_keys need a repository that has an attribute site: its tenant")
    return TombstoneKeys(keys, site=site)


def creation(
    identifier: Identifier | str,
    confirmation: ConfirmationActivity,
    revocation: RevokeActivity | None,
    fields: FieldsLike,
) -> Upsert:
    """The request of ``create``."""
    return Upsert(
        details=identifier_of(identifier),
        state=ConsentState.CONFIRMED,
        last_confirmation_activity=confirmation,
        last_revoke_activity=revocation,
        extended_fields=fields,
    )


def opt_in_of(
    who: Identifier | str,
    state: ConsentState,
    source: ConfirmationSource | str,
    opt_in_level: OptInLevel | str,
    description: str | None,
    updated_date: datetime | None,
    topics: ChoicesLike,
) -> Upsert:
    """The request of ``request_opt_in`` or ``opt_in``: undated, the person acts now."""

    def activity() -> ConfirmationActivity:
        return ConfirmationActivity(
            source=as_word(source, ConfirmationSource),
            description=description,
            updated_date=updated_date,
            opt_in_level=as_word(opt_in_level, OptInLevel),
        )

    return _request(
        who, state, last_confirmation_activity=activity, topics=lambda: as_choices(topics)
    )


def opt_out_of(
    who: Identifier | str,
    source: RevokeSource | str,
    description: str | None,
    updated_date: datetime | None,
) -> Upsert:
    """The request of ``opt_out``."""

    def activity() -> RevokeActivity:
        word = as_word(source, RevokeSource)
        return RevokeActivity(source=word, description=description, updated_date=updated_date)

    return _request(who, ConsentState.REVOKED, last_revoke_activity=activity)


def choices_of(
    who: Identifier | str,
    topics: Mapping[str, TopicChoice | str],
    actor: Actor | str,
    updated_date: datetime | None,
) -> Upsert:
    """The request of ``choose_topics``."""

    def choices() -> object:
        by = as_word(actor, Actor)
        words = {name: as_word(choice, TopicChoice) for name, choice in topics.items()}
        return {name: TopicActivity(word, updated_date, by) for name, word in words.items()}

    return _request(who, None, topics=choices)


def _request(
    who: Identifier | str, state: ConsentState | None, **activity: Callable[[], object]
) -> Upsert:
    """A request made of parts; where several arguments are wrong, one error names them all."""
    parts: dict[str, Any] = {"state": state}
    violations: list[Violation] = []
    makers: dict[str, Callable[[], object]] = {"details": lambda: identifier_of(who), **activity}
    for name, make in makers.items():
        try:
            parts[name] = make()
        except InvalidConsent as error:
            violations += error.violations
    if violations:
        raise InvalidConsent(violations)
    # Only a grant is dated at receipt. The rules date an undated opt-out at receipt, or later where
    # a fast clock dated the confirmation ahead of it.
    return Upsert(**parts, dated_at_receipt="last_confirmation_activity" in parts)
