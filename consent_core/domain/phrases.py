"""Sentences that can be said in another language."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, final

Translate: TypeAlias = Callable[[str], str]
"""Gives a text in another language, such as ``gettext``; its placeholders stay."""


@final
class Phrase(str):  # noqa: SLOT000  # the parts of a text have no fixed size
    """A text in English that remembers how it was made.

    Args:
        text: with a placeholder in braces for each part.
        parts: what stands in their places; a part may be a phrase itself.
    """

    text: str
    parts: Mapping[str, str]

    def __new__(cls, text: str, /, **parts: str) -> "Phrase":
        """As ``str``."""
        made = super().__new__(cls, text.format(**parts))
        made.__dict__.update(text=text, parts=parts)
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], Mapping[str, Any]]:
        # The English may have braces of its own.
        return (self.text,), self.parts


def said(text: str, translate: Translate) -> str:
    """A sentence in another language; one that is no phrase stays as it is.

    Args:
        text: such as a sentence of an explanation.
        translate: gives the text of a phrase in that language.
    """
    if not isinstance(text, Phrase) or not text.text:
        return str(text)
    parts = {name: said(part, translate) for name, part in text.parts.items()}
    return translate(text.text).format(**parts)
