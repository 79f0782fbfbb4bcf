"""Fields of forms for addresses and numbers, judged by the policy of the project.

What is wrong is a ``ValidationError`` with the library's code: translate it by
``error_messages={"INVALID_EMAIL": _("...")}``, as with every field of Django.
"""

from typing import Any, ClassVar

from django import forms

from consent_core.adapters.django.identifiers import MESSAGES, judge_by_policy, read_identifier
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH
from consent_core.domain.vocabulary import Channel


class _IdentifierField(forms.CharField):
    """The normal form of what was typed; empty where nothing was."""

    channel: ClassVar[Channel]
    default_error_messages = MESSAGES

    def __init__(self, *, region: str | None = None, **options: Any) -> None:
        self.region = region
        super().__init__(**({"max_length": MAX_IDENTIFIER_LENGTH} | options))

    def to_python(self, value: Any) -> Any:
        """As ``Field.to_python``."""
        text = super().to_python(value)
        if text in self.empty_values:
            return text
        identifier = read_identifier(self.channel, text, self.region, self.error_messages)
        judge_by_policy(identifier, self.error_messages)
        return identifier.address


class EmailIdentifierField(_IdentifierField):
    """An e-mail address; its value is the address as it is normalised, to which mail is sent.

    Args:
        options: as for ``forms.CharField``.
    """

    channel = Channel.EMAIL
    widget = forms.EmailInput


class PhoneIdentifierField(_IdentifierField):
    """A phone number; its value is the number in E.164.

    Args:
        region: where numbers without ``+`` belong, such as DE; without it, the project's
            ``DEFAULT_REGION``; without that, a number needs its ``+``.
        options: as for ``forms.CharField``.
    """

    channel = Channel.PHONE
    widget = forms.TextInput(attrs={"type": "tel"})
