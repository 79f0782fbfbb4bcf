"""Makes the generated parts of the documents; ``python -m tests.docs.generate`` writes them."""

from collections.abc import Callable
from typing import Final

from benchmarks import report
from tests.docs.markdown import ROOT, generated, pages, regenerate
from tests.docs.pictures import IMAGES, PICTURES
from tests.docs.reference import REFERENCE
from tests.docs.reference.claims import CLAIMS
from tests.docs.reference.clauses import FILES
from tests.docs.reference.delivery import DELIVERY
from tests.docs.reference.shops import SHOPS
from tests.docs.reference.topics import TOPICS
from tests.docs.shop import SHOP

GENERATORS: Final[dict[str, Callable[[], str]]] = {
    "benchmarks": report.told,
    "benchmark-figures": report.figures,
    **REFERENCE,
    **CLAIMS,
    **DELIVERY,
    **SHOPS,
    **TOPICS,
    **FILES,
    **PICTURES,
    **SHOP,
}


def main() -> None:
    """Write every generated part anew."""
    bodies = {name: make() for name, make in GENERATORS.items()}
    for page in pages():
        if generated(page):
            regenerate(page, bodies)
    for name, draw in IMAGES.items():
        (ROOT / "docs" / "images" / name).write_text(draw(), "utf-8")


if __name__ == "__main__":
    main()
