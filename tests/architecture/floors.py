"""The floors of the house as a table: what each part of the package may import."""

from typing import Final

from attrs import frozen

from tests.architecture.source import NAMES, Module, imports, is_standard

PURE: Final = frozenset(
    [
        "__future__",
        "abc",
        "bisect",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "functools",
        "hashlib",
        "itertools",
        "json",
        "math",
        "operator",
        "calendar",  # pure: how long months are
        "hmac",  # pure: the digests of tombstones
        "re",
        "string",
        "types",
        "typing",
        "unicodedata",
        "uuid",
        "zlib",
    ]
)
"""The parts of the standard library that compute and nothing else."""


@frozen
class Floor:
    """What a part of the package may import, beside itself.

    Args:
        below: parts of the package.
        libraries: what is installed beside the package.
        standard: parts of the standard library; None for all of it.
    """

    below: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ("attrs",)
    standard: frozenset[str] | None = None


DOMAIN, APPLICATION, WIRE = "consent_core.domain", "consent_core.application", "consent_core.wire"
LINKS, ADAPTERS, TESTING = "consent_core.links", "consent_core.adapters", "consent_core.testing"
MOVING = "consent_core.moving"
REST, CLI, PORTING = "consent_core.rest", "consent_core.cli", "consent_core.porting"

FLOORS: Final = {
    "consent_core": Floor((DOMAIN, APPLICATION, WIRE), libraries=()),
    DOMAIN: Floor(
        libraries=("attrs", "statemachine", "phonenumbers", "email_validator"), standard=PURE
    ),
    APPLICATION: Floor((DOMAIN,)),
    WIRE: Floor((DOMAIN, APPLICATION)),
    REST: Floor((DOMAIN, APPLICATION, WIRE)),
    MOVING: Floor((DOMAIN, APPLICATION, WIRE), libraries=()),
    LINKS: Floor((DOMAIN, APPLICATION), libraries=("attrs", "itsdangerous")),
    "consent_core.pydantic": Floor(
        (DOMAIN, APPLICATION, WIRE), libraries=("attrs", "pydantic", "pydantic_core")
    ),
    "consent_core.fastapi": Floor((DOMAIN, APPLICATION, WIRE), libraries=("fastapi",)),
    PORTING: Floor((DOMAIN, APPLICATION), libraries=()),
    ADAPTERS: Floor((DOMAIN, APPLICATION, PORTING)),
    f"{ADAPTERS}.sqlalchemy": Floor(
        (DOMAIN, APPLICATION, WIRE, PORTING, ADAPTERS), libraries=("attrs", "sqlalchemy")
    ),
    f"{ADAPTERS}.django": Floor(
        (DOMAIN, APPLICATION, WIRE, PORTING, ADAPTERS, LINKS, TESTING, CLI),
        libraries=("attrs", "django", "phonenumbers"),
    ),
    TESTING: Floor(
        (DOMAIN, APPLICATION, ADAPTERS, WIRE), libraries=("attrs", "hypothesis", "pytest")
    ),
    CLI: Floor(
        (
            "consent_core",
            DOMAIN,
            APPLICATION,
            WIRE,
            LINKS,
            MOVING,
            ADAPTERS,
            f"{ADAPTERS}.sqlalchemy",
        ),
        libraries=("attrs", "tqdm", "sqlalchemy"),
    ),
    "consent_core.__main__": Floor((CLI,), libraries=()),
}
"""By the beginning of a module's name; the longest one counts.

``consent_core`` itself is only its ``__init__``.
"""


def floor_of(name: str) -> str | None:
    """The entry of the table that a module belongs to.

    None for a part that the table does not know.
    """
    found = max((key for key in FLOORS if f"{name}.".startswith(f"{key}.")), key=len, default=None)
    return None if found == "consent_core" != name else found


def trespasses(module: Module) -> list[str]:
    """What a module imports although its floor does not allow it."""
    own = floor_of(module.name)
    if own is None:
        return [f"{module.name} is on no floor"]
    floor = FLOORS[own]
    return [
        f"{module.name} imports {name}"
        for name in imports(module)
        if not _allowed(name, own, floor)
    ]


def _allowed(name: str, own: str, floor: Floor) -> bool:
    top = name.partition(".")[0]
    if top == "consent_core":
        return name in NAMES and floor_of(name) in (own, *floor.below)
    if is_standard(name):
        return floor.standard is None or top in floor.standard
    return top in floor.libraries
