"""Pictures of the example of the documents, as Chromium shows it.

``python -m tests.django.screenshots`` writes them to ``docs/images``; it needs ``chromium``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from tests.docs.markdown import ROOT
from tests.docs.shop import EXAMPLE

IMAGES: Final = ROOT / "docs" / "images"
PORT: Final = 8765
WIDTH: Final = 720


def staff_only(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A middleware: whoever comes is the administrator, for Chromium does not log in."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415  # needs the settings

    def answer(request: Any) -> Any:
        request.user = get_user_model().objects.get()
        return get_response(request)

    return answer


@contextmanager
def running() -> Iterator[None]:
    """The shop in a new folder, on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        sys.path.insert(0, folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        os.environ["SHOP_URL"] = f"http://localhost:{PORT}"
        import django  # noqa: PLC0415  # needs the settings

        django.setup()
        from django.conf import settings  # noqa: PLC0415  # as above
        from django.contrib import admin  # noqa: PLC0415
        from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415
        from django.core.servers.basehttp import (  # noqa: PLC0415
            ThreadedWSGIServer,
            WSGIRequestHandler,
        )
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        admin.site.enable_nav_sidebar = False
        settings.MIDDLEWARE.append(f"{staff_only.__module__}.{staff_only.__name__}")
        server = ThreadedWSGIServer(("localhost", PORT), WSGIRequestHandler)
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def pages() -> dict[str, tuple[str, int]]:
    """What is shown: the path, and the height in pixels, by the name of the picture."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415  # needs the settings

    from consent_core.adapters.django.conf import get_service  # noqa: PLC0415
    from consent_core.adapters.django.mail import (  # noqa: PLC0415
        preferences_link,
        unsubscribe_link,
    )
    from consent_core.adapters.django.models import Record  # noqa: PLC0415

    get_user_model().objects.create(username="support", is_staff=True, is_superuser=True)
    consents, ada = get_service(), "ada@example.org"
    asked = consents.request_opt_in(ada, topics={"events": "IN"})
    assert asked.link is not None
    token = asked.link.url.partition("token=")[2]
    consents.redeem(token, action=asked.link.type)
    change = f"/admin/consent_core/record/{Record.objects.get().pk}/change/"
    german = unsubscribe_link(ada, language="de")
    links = preferences_link(ada), german
    preferences, unsubscribe = ["?".join(urlsplit(link.url)[2:4]) for link in links]
    return {
        "django-sign-up": ("/", 330),
        "django-preferences": (preferences, 330),
        "django-unsubscribe-german": (unsubscribe, 200),
        "django-admin": (change, 660),
    }


def main() -> None:
    """Take every picture."""
    with running():
        for name, (path, height) in pages().items():
            subprocess.run(  # noqa: S603  # our own pages
                [
                    shutil.which("chromium") or "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--hide-scrollbars",
                    f"--window-size={WIDTH},{height}",
                    f"--screenshot={IMAGES / name}.png",
                    f"http://localhost:{PORT}{path}",
                ],
                check=True,
                capture_output=True,
            )


if __name__ == "__main__":
    main()
