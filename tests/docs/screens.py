"""Pictures of the shops in one file, as Chromium shows them.

``python -m tests.docs.screens`` writes them to ``docs/images``; it needs ``chromium``.
"""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fastapi.testclient import TestClient

from tests.docs.markdown import ROOT

NAME, EMAIL = "", "ada@"
"""What is typed into the form, so that it answers with errors."""

_TYPED: Final = """
<script>
window.fetch = async () => new Response({answer}, {{ status: 422 }})
form.elements.name.value = {name}
form.elements.email.value = {email}
form.requestSubmit()
</script>
"""


def fastapi_page(app: Any) -> str:
    """The form with what its script makes of the shop's own answer."""
    with TestClient(app) as client:
        body = {"name": NAME, "email": EMAIL, "consent": {"state": "PENDING"}}
        answer = client.post("/sign-up", json=body).text
        typed = {"answer": answer, "name": NAME, "email": EMAIL}
        return client.get("/").text + _TYPED.format(
            **{key: json.dumps(value) for key, value in typed.items()}
        )


def flask_page(app: Any) -> str:
    """The form as it comes back."""
    text: str = app.test_client().post("/", data={"name": NAME, "email": EMAIL}).text
    return text


def main() -> None:
    """Take both pictures."""
    sys.path.insert(0, str(ROOT / "docs" / "examples"))
    with TemporaryDirectory() as folder:
        os.environ["SHOP_DATABASE"] = f"sqlite:///{folder}/shop.db"
        for name, shown in (("fastapi_shop", fastapi_page), ("flask_shop", flask_page)):
            page = Path(folder) / f"{name}.html"
            page.write_text(shown(import_module(name).app), "utf-8")
            picture = ROOT / "docs" / "images" / f"{name.replace('_', '-')}.png"
            subprocess.run(  # noqa: S603  # our own page
                [  # noqa: S607  # wherever the browser is
                    "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--hide-scrollbars",
                    "--window-size=640,320",
                    "--virtual-time-budget=2000",
                    f"--screenshot={picture}",
                    page.as_uri(),
                ],
                check=True,
                capture_output=True,
            )


if __name__ == "__main__":
    main()
