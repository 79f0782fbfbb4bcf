"""The key of an identifier in a column of its own, and the queryset that keeps it fresh.

Who is the same person is decided by the key, and the rules for keys are the library's. No ``LOWER``
of a database knows them.
"""

from collections.abc import Iterable
from typing import Any, Self

from django.core import checks
from django.db.models import Exists, Manager, OuterRef, QuerySet, Subquery

from consent_core.adapters.django.columns import DocumentField, ExactTextField
from consent_core.adapters.django.conditions import as_q
from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.identifiers import spelled
from consent_core.adapters.django.models import LONGEST_KEY, Record
from consent_core.domain.checks import as_word, refuse, wrong_word
from consent_core.domain.eligibility import audience
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import IDENTIFIERS, Identifier, address_key
from consent_core.domain.vocabulary import Channel


class IdentifierKeyField(ExactTextField):
    """The key of an address or a number that another field of the model has.

    It is written whenever the other field is: by ``save`` and ``bulk_create`` of itself, by
    ``update`` and ``bulk_update`` of the queryset. Compare with it in any case:
    ``get(email_key="ADA@example.org")``.

    Args:
        source: the name of the other field.
        channel: what the other field holds.
        options: as for ``CharField``; ``unique=True`` for one row per person.
    """

    def __init__(self, source: str, channel: Channel | str, **options: Any) -> None:
        self.source = source
        self.channel = read_channel(channel)
        fixed = {"max_length": LONGEST_KEY, "editable": False, "null": True}
        if not options.get("unique"):
            options.setdefault("db_index", True)
        super().__init__(**(options | fixed))

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """As ``Field.deconstruct``."""
        name, path, _, options = super().deconstruct()
        for fixed in ("max_length", "editable", "null"):
            del options[fixed]
        return name, path, [self.source, str(self.channel)], options

    def check(self, **options: Any) -> list[Any]:
        """As ``Field.check``, and that the queryset is the one that keeps keys fresh."""
        found: list[Any] = super().check(**options)
        if not isinstance(self.model._default_manager.get_queryset(), IdentifierQuerySet):  # noqa: SLF001  # public in Django
            found.append(
                checks.Error(
                    "The key goes stale where the default manager updates many rows.",
                    hint="objects = IdentifierManager()",
                    obj=self,
                    id="consent_core.E002",
                )
            )
        return found

    def read(self, value: Any) -> tuple[Any, str | None]:
        """What the other field makes of a value, and the key of that.

        What is no identifier has no key, and nobody without a key may be contacted.

        Raises:
            ValidationError: the other field holds identifiers only, and this is none.
        """
        address = self.model._meta.get_field(self.source).to_python(value)  # noqa: SLF001  # public in Django
        try:
            return address, identifier_key(self.channel, address)
        except InvalidConsent:
            return address, None

    def pre_save(self, model_instance: Any, add: bool) -> str | None:  # noqa: ARG002, FBT001  # Django's own signature
        """As ``Field.pre_save``: the key of what the other field holds now."""
        _, key = self.read(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, key)
        return key

    def get_prep_value(self, value: Any) -> Any:
        """As ``Field.get_prep_value``: what an identifier is compared by.

        Numbers without ``+`` belong to the region of the other field, or of the project.
        """
        region = getattr(self.model._meta.get_field(self.source), "region", None)  # noqa: SLF001  # public in Django
        try:
            return identifier_key(self.channel, spelled(self.channel, value, region))
        except InvalidConsent:
            return address_key(value) if isinstance(value, str) else super().get_prep_value(value)


def identifier_key(channel: Channel, value: Any) -> str:
    """The key of an identifier or of its text.

    Raises:
        InvalidConsent: it is neither.
    """
    kind = IDENTIFIERS[channel]
    return (value if isinstance(value, kind) else kind(value)).key


def read_channel(channel: Channel | str) -> Channel:
    """The channel that a word names.

    Raises:
        InvalidConsent: there is no such channel.
    """
    word: Channel = as_word(channel, Channel)
    refuse("", channel=wrong_word(word, Channel))
    return word


def keys_of(model: Any) -> list[IdentifierKeyField]:
    """The key columns of a model."""
    columns = model._meta.concrete_fields  # noqa: SLF001  # public in Django
    return [field for field in columns if isinstance(field, IdentifierKeyField)]


def refuse_stale_keys(sender: Any, update_fields: Iterable[str] | None, **_: Any) -> None:
    """Refuse to save an address without its key: somebody else's consent would count for it.

    Raises:
        ValueError: ``update_fields`` names the one and not the other.
    """
    named = frozenset(update_fields or ())
    for key in keys_of(sender) if named else ():
        if key.source in named and key.name not in named:
            raise ValueError(f'update_fields must name "{key.name}" with "{key.source}"')


class IdentifierQuerySet(QuerySet):
    """A queryset that writes keys whenever it writes addresses, and knows the audience."""

    def may_be_contacted(
        self,
        channel: Channel | str,
        *,
        topic: str | None = None,
        by: str | None = None,
        consent_as: str | None = None,
    ) -> Self:
        """Those who may be contacted on a channel now, by the service of the project.

        It is part of the same SQL statement, and selects exactly those whom ``eligibility`` grants.

        Args:
            channel: how they are to be reached.
            topic: what the message is about, required where the policy declares topics.
            by: the key column, where a model has several of the channel.
            consent_as: what to call the record of each row, where links are made from it: with
                ``consent_as="consent"``, ``row.consent`` is a ``MarketingConsent``.

        Raises:
            InvalidConsent: there is no such channel, or the topic is missing or unknown.
            ValueError: there is no such column, or several, or the consents are in another
                database.
        """
        channel = read_channel(channel)
        names = [key.name for key in keys_of(self.model) if key.channel is channel]
        chosen = [name for name in names if by in (None, name)]
        if len(chosen) != 1:
            raise ValueError(f"by= must be one key column of {channel}; there are: {names}")
        service = get_service()
        repository: Any = service.repository
        if repository.using != self.db:
            raise ValueError(f'consents are in the database "{repository.using}": use that one')
        now, policy = service.use_cases.clock(), service.use_cases.policy
        granted = Record.objects.filter(
            *map(as_q, audience(channel, now=now, policy=policy, topic=topic)),
            site=repository.site,
            key=OuterRef(chosen[0]),
        )
        selected: Self = self.filter(Exists(granted))
        if consent_as is not None:
            document = Subquery(granted.values("document"), output_field=DocumentField())
            selected = selected.annotate(**{consent_as: document})
        return selected

    def update(self, **values: Any) -> int:
        """As ``QuerySet.update``; the keys of addresses are written with them.

        Raises:
            ValidationError: as for ``save``.
            ValueError: an address is an expression, or a key stands alone.
        """
        for key in keys_of(self.model):
            given = values.get(key.source)
            if key.source in values and isinstance(given, str | Identifier | None):
                values[key.source], values[key.name] = key.read(given)
            elif (key.source in values) != (key.name in values):
                raise ValueError(
                    f'"{key.name}" is the key of "{key.source}": give that as text, or save the '
                    "objects one by one"
                )
        updated: int = super().update(**values)
        return updated

    update.alters_data = True  # type: ignore[attr-defined]  # templates must not call it

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """As ``QuerySet.bulk_update``; the keys of addresses are written with them."""
        rows, names = list(objs), list(fields)
        for key in keys_of(self.model):
            if key.source in names:
                names = [*dict.fromkeys([*names, key.name])]
                for row in rows:
                    address, found = key.read(getattr(row, key.source))
                    setattr(row, key.source, address)
                    setattr(row, key.name, found)
        updated: int = super().bulk_update(rows, names, batch_size)
        return updated

    bulk_update.alters_data = True  # type: ignore[attr-defined]  # as above

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,  # noqa: FBT001, FBT002  # Django's own signature
        update_conflicts: bool = False,  # noqa: FBT001, FBT002  # as above
        update_fields: Iterable[str] | None = None,
        unique_fields: Iterable[str] | None = None,
    ) -> list[Any]:
        """As ``QuerySet.bulk_create``; what it updates in place has its keys updated, too."""
        if update_fields:
            names = list(update_fields)
            keys = [key.name for key in keys_of(self.model) if key.source in names]
            update_fields = [*dict.fromkeys([*names, *keys])]
        created: list[Any] = super().bulk_create(
            objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )
        return created

    bulk_create.alters_data = True  # type: ignore[attr-defined]  # as above


IdentifierManager: Any = Manager.from_queryset(IdentifierQuerySet, "IdentifierManager")
"""The manager of models with identifiers: ``objects = IdentifierManager()``."""
