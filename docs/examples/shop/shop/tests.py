from typing import Any
from urllib.parse import urlsplit

from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.testing import RepositoryTests
from django.conf import settings
from django.core import mail
from django.test import TestCase, TransactionTestCase, override_settings, tag

from shop.models import Customer
from shop.views import send_offers

ADA = {"email": "Ada@Example.org", "newsletter": "on", "events": "on"}
# One click needs HTTPS, so there are no headers for it on http://localhost.
ONLINE = {
    **settings.CONSENT_CORE,
    "LINK_BASE_URL": "https://shop.example.org/consents/",
}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path_in(text: str) -> str:
    url = urlsplit(text.rsplit(": ", maxsplit=1)[-1].strip("<>"))
    return f"{url.path}?{url.query}"


@override_settings(CONSENT_CORE=ONLINE)
class SignUpTests(TestCase):
    client: Any
    async_client: Any

    def test_from_the_form_to_the_unsubscribe_button(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post("/", ADA)
        link = path_in(mail.outbox[0].body)
        assert "A***@e***" in self.client.get(link).content.decode()
        send_offers()
        assert len(mail.outbox) == 1

        self.client.post(link)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post("/", {**ADA, "email": "ADA@example.org"})
        assert (Customer.objects.count(), len(mail.outbox)) == (1, 1)
        send_offers()
        offer = mail.outbox[1]
        assert "Your preferences" in str(
            self.client.get(path_in(offer.body)).content
        )

        self.client.post(
            path_in(offer.extra_headers["List-Unsubscribe"]), ONE_CLICK
        )
        answer = get_service().may_contact("ada@example.org", topic="offers")
        assert answer.reasons == ("TOPIC_LEFT",)
        assert Customer.objects.may_be_contacted("EMAIL", topic="events").exists()

    async def test_the_same_by_a_script(self) -> None:
        answer = await self.async_client.post("/api/sign-up/", ADA)
        assert answer.status_code == 200
        answer = await self.async_client.post("/api/sign-up/", {"email": "ada@"})
        assert answer.json() == {"email": ["Enter a valid email address."]}


@tag("store")
class ConsentTests(RepositoryTests, TransactionTestCase):
    """The store keeps every promise on your database: one test for each clause."""
