"""Consents in async views: the service is called in a thread, in one step."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.db import transaction
from django.test import AsyncClient

import consent_core as cc
from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.mail import unsubscribe_link
from tests.django.shop.models import Customer
from tests.django.test_views import path_of

ADA = "ada@example.org"


def sign_up(address: str, mailed: list[str], *, fails: bool = False) -> cc.Outcome:
    """A step of an application: all of it is stored, or nothing."""
    with transaction.atomic():
        Customer.objects.create(email=address)
        outcome = get_service().opt_in(address)
        transaction.on_commit(lambda: mailed.append(address))
        if fails:
            raise LookupError
    return outcome


def test_one_step_is_one_transaction(shop: cc.ConsentService) -> None:
    """``sync_to_async`` takes the whole step, with its transaction, to the thread of the ORM."""
    mailed: list[str] = []

    async def view() -> cc.Outcome:
        with pytest.raises(LookupError):
            await sync_to_async(sign_up)("grace@example.org", mailed, fails=True)
        return await sync_to_async(sign_up)(ADA, mailed)

    outcome: cc.Outcome = async_to_sync(view)()
    assert outcome.result is cc.Result.CREATED
    assert shop.may_contact(ADA)
    assert shop.may_contact("grace@example.org").consent is None
    assert [row.email for row in Customer.objects.all()] == [ADA]


def test_a_call_in_the_event_loop_is_refused(shop: cc.ConsentService) -> None:
    """By Django, whose message names the remedy; nothing is stored."""

    async def view() -> Any:
        return get_service().opt_in(ADA)

    with pytest.raises(SynchronousOnlyOperation, match="use a thread or sync_to_async"):
        async_to_sync(view)()
    assert shop.may_contact(ADA).consent is None


def test_the_pages_work_under_asgi(shop: cc.ConsentService) -> None:
    """They are ordinary views."""
    shop.opt_in(ADA)
    browser: Any = AsyncClient()
    path = path_of(unsubscribe_link(ADA))

    async def visit() -> list[int]:
        return [(await browser.get(path)).status_code, (await browser.post(path)).status_code]

    assert async_to_sync(visit)() == [200, 200]
    assert shop.may_contact(ADA).reasons == ("REVOKED",)
