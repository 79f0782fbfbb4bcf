"""The person a consent is about: an e-mail address or a phone number, compared by key."""

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cache, total_ordering
from types import MappingProxyType
from typing import ClassVar, Final, Self, final

from attrs import field, frozen

from consent_core.domain.checks import invalid
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import Channel, ViolationCode

MAX_IDENTIFIER_LENGTH: Final = 320
"""Characters that an identifier may have.

64 before the @-sign, the sign, 255 behind it (RFC 5321, 4.5.3.1).
"""


@total_ordering
@frozen(order=False, eq=False, repr=False, init=False)
class Identifier:
    """The person a consent is about: an e-mail address or a phone number, compared by key.

    ``repr`` and ``str`` are masked, because they end up in logs.
    """

    channel: ClassVar[Channel]

    address: str
    """The normal form, to which messages are sent."""
    key: str = field(init=False)
    """What identifiers of one channel are compared by."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise _invalid(self.channel, ViolationCode.WRONG_TYPE, "must be a string")
        if len(text) > MAX_IDENTIFIER_LENGTH:
            raise _invalid(
                self.channel,
                ViolationCode.TOO_LONG,
                f"must have at most {MAX_IDENTIFIER_LENGTH} characters",
            )
        self._set(self._normalise(text))

    @classmethod
    def restore(cls, address: str) -> Self:
        """Rebuild from an ``address`` that this class normalised before, without judging it again.

        For adapters: what was valid when it was stored stays readable, even if a later version
        would refuse it.
        """
        self = cls.__new__(cls)
        self._set(address)
        return self

    def _set(self, address: str) -> None:
        key = self._key(address)
        object.__setattr__(self, "address", address)
        object.__setattr__(self, "key", address if key == address else key)

    # Abstract without ABC: asking whether a value is an identifier is several times slower with its
    # metaclass.
    @staticmethod
    @abstractmethod
    def _normalise(text: str) -> str: ...

    @staticmethod
    @abstractmethod
    def _key(address: str) -> str: ...

    @abstractmethod
    def _masked(self) -> str: ...

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Identifier):
            return NotImplemented
        return (self.channel, self.key) < (other.channel, other.key)

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        return type(self).restore, (self.address,)

    def __str__(self) -> str:
        return self._masked()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._masked()!r})"


@final
class Email(Identifier):
    """An e-mail address (contract, section 3, rule 2).

    The syntax is that of RFC 5322 and RFC 6531, as email-validator reads them. Two addresses are
    equal when their ``key`` is: the address in lower case, as ``address_key`` makes it. The case of
    the part before the @-sign is kept in ``address``; nothing is folded for providers.

    Args:
        text: the address; spaces and tabs around it are ignored.

    Raises:
        InvalidConsent: it is no address that mail can be sent to (``INVALID_EMAIL``), no string, or
            too long.
    """

    __slots__ = ()
    channel: ClassVar[Channel] = Channel.EMAIL

    @staticmethod
    def _normalise(text: str) -> str:
        return _email_reader()(text.strip(" \t"))

    @staticmethod
    def _key(address: str) -> str:
        return address_key(address)

    def _masked(self) -> str:
        local, _, domain = self.address.rpartition("@")
        return f"{local[:1]}***@{domain[:1]}***"


@final
class Phone(Identifier):
    """A phone number in international form (contract, section 3, rule 3).

    Its ``address`` and ``key`` are E.164.

    ``phonenumbers`` must find it *possible*; ``is_valid()`` says whether it is also *valid*.

    Args:
        text: a plus sign, then digits and the separators space ``.`` ``-`` ``/`` ``(`` ``)``.

    Raises:
        InvalidConsent: it is no possible number (``INVALID_PHONE``), no string, or too long.
    """

    __slots__ = ()
    channel: ClassVar[Channel] = Channel.PHONE

    def is_valid(self) -> bool:
        """Whether the numbering plan of its country assigns such a number."""
        from consent_core.domain.phone_numbers import is_assigned  # noqa: PLC0415  # as below

        return is_assigned(self.address)

    @staticmethod
    def _normalise(text: str) -> str:
        return _phone_reader()(text)

    @staticmethod
    def _key(address: str) -> str:
        return address

    def _masked(self) -> str:
        end = self.address[-2:] if len(self.address) >= _LONG_ENOUGH else ""
        return f"{self.address[:3]}***{end}"


def address_key(text: str) -> str:
    """What an e-mail address, or the beginning of one, is compared by: lower case in NFC.

    NFC comes last, because it does not survive lower case: a capital may have no composed form
    where its small letter has one, as Y with a ring above.
    """
    lowered = text.lower()
    return lowered if lowered.isascii() else unicodedata.normalize("NFC", lowered)


IDENTIFIERS: Final[Mapping[Channel, type[Identifier]]] = MappingProxyType(
    {kind.channel: kind for kind in (Email, Phone)}
)
"""The kind of identifier of each channel."""


def identifier_of(who: Identifier | str) -> Identifier:
    """An identifier, or the one that a text spells.

    A text with ``@`` is an e-mail address; one that begins with ``+`` is a phone number.

    Args:
        who: an identifier, which is returned unchanged, or a text.

    Raises:
        InvalidConsent: the text is neither an address nor a number.
    """
    if isinstance(who, Identifier):
        return who
    if isinstance(who, str):
        if "@" in who:
            return Email(who)
        if who.lstrip().startswith("+"):
            return Phone(who.strip(" \t"))
    raise invalid(
        "identifier",
        ViolationCode.NOT_ALLOWED,
        "must be an e-mail address, or a phone number with +",
    )


_LONG_ENOUGH: Final = 9
"""Characters from which on the mask of a number shows its end, too."""


# email-validator and phonenumbers are loaded with the first address and the first number that is
# read. They take a third of the time of the whole import, and what is restored needs neither.
@cache
def _email_reader() -> Callable[[str], str]:
    from consent_core.domain.email_syntax import normal_email  # noqa: PLC0415

    return normal_email


@cache
def _phone_reader() -> Callable[[str], str]:
    from consent_core.domain.phone_numbers import normal_phone  # noqa: PLC0415

    return normal_phone


def _invalid(channel: Channel, code: ViolationCode, description: str) -> InvalidConsent:
    return invalid(f"details.{channel.lower()}", code, description)
