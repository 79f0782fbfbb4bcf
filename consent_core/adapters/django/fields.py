"""Fields of models for addresses and numbers, each with its key in a column of its own.

::

class Customer(models.Model):
email = EmailIdentifierField()
email_key = IdentifierKeyField("email", "EMAIL", unique=True)
objects = IdentifierManager()
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from consent_core.adapters.django import forms
from consent_core.adapters.django.identifiers import MESSAGES, judge_by_policy, read_identifier
from consent_core.adapters.django.keys import (
    IdentifierKeyField,
    IdentifierManager,
    IdentifierQuerySet,
    keys_of,
)
from consent_core.domain.identifiers import IDENTIFIERS, MAX_IDENTIFIER_LENGTH, Identifier
from consent_core.domain.vocabulary import Channel

__all__ = [
    "EmailIdentifierField",
    "IdentifierKeyField",
    "IdentifierManager",
    "IdentifierQuerySet",
    "PhoneIdentifierField",
]


class _IdentifierField(models.CharField):
    """Holds the normal form; refuses what is no identifier, also where no form has judged it."""

    channel: ClassVar[Channel]
    form_class: ClassVar[type]
    default_error_messages = MESSAGES

    def __init__(self, *args: Any, region: str | None = None, **options: Any) -> None:
        self.region = region
        super().__init__(*args, **({"max_length": MAX_IDENTIFIER_LENGTH} | options))

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """As ``Field.deconstruct``."""
        name, path, args, options = super().deconstruct()
        if self.region is not None:
            options["region"] = self.region
        return name, path, args, options

    def to_python(self, value: Any) -> Any:
        """As ``Field.to_python``."""
        if isinstance(value, Identifier) and value.channel is self.channel:
            return value.address
        if value in self.empty_values:
            return value
        return read_identifier(self.channel, value, self.region, self.error_messages).address

    def get_prep_value(self, value: Any) -> Any:
        """As ``Field.get_prep_value``: in the normal form, where it has one."""
        try:
            return self.to_python(value)
        except ValidationError:
            return str(value)

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: FBT001  # Django's own signature
        """As ``Field.pre_save``.

        Raises:
            ValidationError: the value is no identifier.
        """
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def validate(self, value: Any, model_instance: Any) -> None:
        """As ``Field.validate``, by the policy, and that nobody else has a unique key.

        What is saved without being cleaned is not judged by the policy: one that became stricter
        does not keep older rows from being saved.
        """
        super().validate(value, model_instance)
        if value in self.empty_values:
            return
        identifier = IDENTIFIERS[self.channel].restore(value)
        judge_by_policy(identifier, self.error_messages)
        for key in keys_of(type(model_instance)):
            if key.source == self.name and key.unique:
                rows = type(model_instance)._default_manager.exclude(pk=model_instance.pk)  # noqa: SLF001  # public in Django
                if rows.filter(**{key.name: value}).exists():
                    raise ValidationError(
                        self.error_messages["unique"],
                        code="unique",
                        params={
                            "model_name": model_instance._meta.verbose_name,  # noqa: SLF001  # as above
                            "field_label": self.verbose_name,
                        },
                    )

    def formfield(self, **options: Any) -> Any:
        """As ``Field.formfield``."""
        return super().formfield(
            **({"form_class": self.form_class, "region": self.region} | options)
        )


class EmailIdentifierField(_IdentifierField):
    """An e-mail address, kept as it is normalised; may be blank, and null where that is allowed.

    Args:
        region: is for phone numbers only.
        args: as for ``CharField``.
        options: as for ``CharField``.
    """

    channel = Channel.EMAIL
    form_class = forms.EmailIdentifierField


class PhoneIdentifierField(_IdentifierField):
    """A phone number, kept in E.164; may be blank, and null where that is allowed.

    Args:
        region: where numbers without ``+`` belong; see the field for forms.
        args: as for ``CharField``.
        options: as for ``CharField``.
    """

    channel = Channel.PHONE
    form_class = forms.PhoneIdentifierField
