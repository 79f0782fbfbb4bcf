"""The application's own rows and the audience in one statement, and exactly as eligibility says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

import consent_core as cc
from consent_core.adapters.django.conf import get_service
from tests.django.shop.models import Customer, Subscriber

NAMES = ("ada", "bob", "cyd", "dan", "eve", "fay")


@pytest.fixture
def customers(using: str, consents: cc.ConsentService) -> Iterator[Any]:
    """One customer for each kind of consent."""
    rows = Customer.objects.using(using)
    rows.bulk_create(
        [
            Customer(name=name, email=f"{name.title()}@example.org", phone=f"+1202555017{number}")
            for number, name in enumerate(NAMES)
        ]
    )
    consents.opt_in("ada@example.org")
    consents.opt_in("BOB@example.org", opt_in_level="DOUBLE_CONFIRMATION")
    consents.opt_in("cyd@example.org")
    consents.opt_out("cyd@example.org")
    consents.request_opt_in("dan@example.org")
    consents.opt_in("eve@example.org", updated_date=datetime.now(UTC) - timedelta(days=900))
    consents.opt_in("+12025550175")
    yield rows
    Customer.objects.using(using).delete()
    Subscriber.objects.using(using).delete()


def names(rows: Any) -> list[str]:
    """Who is selected."""
    return [*rows.order_by("name").values_list("name", flat=True)]


@pytest.mark.parametrize(
    "policy",
    [cc.Policy(), cc.Policy(confirmation_lifetime=timedelta(days=730)), cc.Policy.strict()],
)
def test_the_audience_is_those_whom_eligibility_grants(
    customers: Any, using: str, policy: cc.Policy
) -> None:
    """On every channel, under every policy; whoever has no consent is not among them."""
    with override_settings(CONSENT_CORE={**settings.CONSENT_CORE, "POLICY": policy}):
        service = get_service()
        for channel, field in ((cc.Channel.EMAIL, "email"), (cc.Channel.PHONE, "phone")):
            with CaptureQueriesContext(connections[using]) as asked:
                selected = names(customers.may_be_contacted(channel))
            assert len(asked) == 1
            granted = [
                c.name for c in customers.order_by("name") if service.may_contact(getattr(c, field))
            ]
            assert selected == granted
            assert len(selected) < len(NAMES)
    assert names(customers.may_be_contacted("EMAIL"))


def test_it_combines_with_the_applications_own_conditions(customers: Any) -> None:
    """It is a queryset like any other."""
    chosen = customers.filter(name__in=["ada", "cyd"]).may_be_contacted("EMAIL")
    assert names(chosen) == ["ada"]
    assert names(customers.exclude(pk__in=customers.may_be_contacted("EMAIL"))) == [
        "cyd",
        "dan",
        "fay",
    ]


def test_the_column_is_named_where_there_are_several(
    using: str, consents: cc.ConsentService
) -> None:
    """A model with two addresses has two audiences."""
    rows = Subscriber.objects.using(using)
    rows.create(email="ada@example.org", work="ada.work@example.org")
    consents.opt_in("ada.work@example.org")
    with pytest.raises(ValueError, match=r"by= must be one key column of EMAIL"):
        rows.may_be_contacted("EMAIL")
    with pytest.raises(ValueError, match=r"by= must be one key column of PHONE; there are: \[\]"):
        rows.may_be_contacted("PHONE")
    assert rows.may_be_contacted("EMAIL", by="work_key").count() == 1
    assert rows.may_be_contacted("EMAIL", by="email_key").count() == 0
    rows.delete()


def test_one_statement_needs_one_database(sqlite: str) -> None:
    """Consents elsewhere are an error, and not an empty audience."""
    with pytest.raises(ValueError, match='consents are in the database "default"'):
        Customer.objects.using(sqlite).may_be_contacted("EMAIL")
