"""The words of an enum with their meanings, out of the docstrings below them."""

from enum import Enum

from tests.docs.reference.signatures import body
from tests.docs.reference.source import values
from tests.docs.reference.tables import code, prose, table


def meanings(words: type[Enum]) -> dict[str, str]:
    """What each word means, by its name.

    Raises:
        ValueError: a word has no docstring below it.
    """
    found = {name: prose(text) for name, (_, text) in values(body(words)).items()}
    if missing := [name for name, text in found.items() if not text]:
        raise ValueError(f"words of {words.__name__} without a docstring: {', '.join(missing)}")
    return found


def members(words: type[Enum]) -> str:
    """A table of an enum; where no word has a docstring, they speak for themselves."""
    if not any(text for _, text in values(body(words)).values()):
        return table(("member", "value"), [(code(word.name), code(word.value)) for word in words])
    return table(
        ("member", "meaning"), [(code(name), text) for name, text in meanings(words).items()]
    )
