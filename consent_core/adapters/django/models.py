"""The three tables: one row for each record, for each event, and for each tombstone.

A record's row is its identity, a column for each field that conditions can be about, and the whole
record as a document. Records are read from their documents alone. The columns are there to be
asked, and are written from the record every time. Only ``DjangoRepository`` writes these tables:
whoever changes a row changes no consent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent_core.adapters.django.columns import (
    ExactTextField,
    MomentField,
    NamesField,
    TopicsField,
    WordField,
)
from consent_core.domain.query_fields import FIELDS, KEYS, Description, Operator, QueryField
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topics import Topics
from consent_core.domain.validation import declared_fields

APP: Final = "consent_core.adapters.django"
"""What must be in ``INSTALLED_APPS``."""


def require_app() -> None:
    """Say what is missing, before Django says it in its own terms.

    Raises:
        ImproperlyConfigured: the app is not in ``INSTALLED_APPS``.
    """
    if not apps.is_installed(APP):
        raise ImproperlyConfigured(f'INSTALLED_APPS must have "{APP}"')


require_app()

LONGEST_SITE: Final = 100
"""Characters of a site: MySQL allows no longer index with the longest key."""

LONGEST_KEY: Final = 640
"""Characters of a key: an identifier in lower case may have twice as many."""

_LONGEST_WORD: Final = 32

_KINDS: Final[Mapping[type, Callable[..., Any]]] = {
    datetime: MomentField,
    StrEnum: lambda **options: WordField(max_length=_LONGEST_WORD, **options),
    bool: models.BooleanField,
    int: models.BigIntegerField,
    frozenset: NamesField,
    Topics: TopicsField,
}
"""By the kind of a field's values; the first that fits: a bool is no integer."""

_IN_IDENTITY: Final = {
    QueryField.ID: "consent_id",
    QueryField.CHANNEL: "channel",
    **dict.fromkeys(KEYS, "key"),
}
"""The fields that the columns of a record's identity answer."""

COLUMNS: Final[Mapping[QueryField, str]] = {
    field: _IN_IDENTITY.get(field, field.name.lower()) for field in FIELDS
}
"""The column that answers each field; that of a key answers for one channel only."""

FIELD_COLUMNS: Final[Mapping[str, Description]] = {
    COLUMNS[field]: description
    for field, description in FIELDS.items()
    if field not in _IN_IDENTITY
}
"""Derived, so that a new field of conditions needs no change here but a migration."""


TOMBSTONE_COLUMNS: Final = tuple(field.name for field in declared_fields(Tombstone))
"""Derived, likewise."""


def _column_of(of_kind: type, *, is_optional: bool) -> Any:
    fitting = next(made for kind, made in _KINDS.items() if issubclass(of_kind, kind))
    return fitting(null=is_optional, editable=False)


def _with_columns(name: str, columns: Mapping[str, Any]) -> Any:
    meta = type("Meta", (), {"abstract": True})
    return type(name, (models.Model,), {"__module__": __name__, "Meta": meta, **columns})


_Fields: Any = _with_columns(
    "Fields",
    {
        name: _column_of(each.kind, is_optional=Operator.EXISTS in each.operators)
        for name, each in FIELD_COLUMNS.items()
    },
)

_TombstoneFields: Any = _with_columns(
    "TombstoneFields",
    {
        field.name: _column_of(field.kind, is_optional=field.optional)
        for field in declared_fields(Tombstone)
    },
)


class Record(_Fields):
    """The row of a consent."""

    site = ExactTextField(max_length=LONGEST_SITE, editable=False)
    channel = WordField(max_length=_LONGEST_WORD, editable=False)
    key = ExactTextField(max_length=LONGEST_KEY, editable=False)
    consent_id = models.UUIDField(editable=False)
    revision = models.BigIntegerField(editable=False)
    document = models.TextField(editable=False)

    class Meta:
        """The keys, and the indexes for audiences and for the two orders."""

        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        default_permissions = ("view",)
        permissions = (
            ("view_personal_data", "Can see whom consents are about, and descriptions of evidence"),
            ("record_opt_out", "Can record that a person has opted out"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["site", "channel", "key"], name="consent_core_record_key"
            ),
            models.UniqueConstraint(fields=["site", "consent_id"], name="consent_core_record_id"),
        )
        indexes = (
            models.Index(
                fields=["site", "state", "channel", "consent_id"], name="consent_core_audience"
            ),
            models.Index(
                fields=["site", "created_date", "consent_id"], name="consent_core_created"
            ),
            models.Index(
                fields=["site", "updated_date", "consent_id"], name="consent_core_updated"
            ),
        )

    def __str__(self) -> str:
        """Nothing that identifies a person."""
        return f"{self.channel} {self.consent_id}"


class Event(models.Model):
    """The row of an event: its identity, and the record afterwards."""

    site = ExactTextField(max_length=LONGEST_SITE, editable=False)
    event_id = models.UUIDField(editable=False)
    consent_id = models.UUIDField(editable=False)
    sequence = models.BigIntegerField(editable=False)
    kind = WordField(max_length=_LONGEST_WORD, editable=False)
    occurred_at = MomentField(editable=False)
    published = models.BooleanField(default=False, editable=False)
    document = models.TextField(null=True, editable=False)  # noqa: DJ001  # the deleted have none

    class Meta:
        """The keys, and the index for a relay."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["site", "event_id"], name="consent_core_event_id"),
            models.UniqueConstraint(
                fields=["site", "consent_id", "sequence"], name="consent_core_event_sequence"
            ),
        )
        indexes = (
            models.Index(
                fields=["site", "occurred_at", "consent_id", "sequence"],
                name="consent_core_unpublished",
                condition=models.Q(published=False),
            ),
        )

    def __str__(self) -> str:
        """Nothing that identifies a person."""
        return f"{self.kind} {self.consent_id} {self.sequence}"


class TombstoneRow(_TombstoneFields):
    """The row of a tombstone: a digest, which names nobody, and what it remembers."""

    site = ExactTextField(max_length=LONGEST_SITE, editable=False)
    digest = ExactTextField(max_length=64, editable=False)
    key_number = ExactTextField(max_length=8, editable=False)

    class Meta:
        """The key."""

        db_table = "consent_core_tombstone"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["site", "digest"], name="consent_core_tombstone_digest"
            ),
        )

    def __str__(self) -> str:
        """Nothing that identifies a person."""
        return f"{self.key_number} {self.digest}"
