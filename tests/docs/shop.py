"""The files of the example of Django, as its page shows them."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.docs.markdown import ROOT

EXAMPLE: Final = ROOT / "docs" / "examples" / "shop"

FILES: Final = (
    "manage.py",
    "settings.py",
    "urls.py",
    "shop/models.py",
    "shop/views.py",
    "shop/templates/shop/sign_up.html",
    "shop/tests.py",
)
"""All but those that ``startapp`` and ``makemigrations`` make."""


def _shown(file: str) -> str:
    language = "python" if file.endswith(".py") else "html"
    return f"`{file}`:\n\n```{language}\n{(EXAMPLE / file).read_text('utf-8')}```\n"


SHOP: Final[dict[str, Callable[[], str]]] = {
    "shop-" + file.partition(".")[0].rpartition("/")[2].replace("_", "-"): partial(_shown, file)
    for file in FILES
}
"""Generated parts of the page, by name."""
