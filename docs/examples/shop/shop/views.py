from typing import Any

import consent_core as cc
from asgiref.sync import sync_to_async
from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.forms import EmailIdentifierField
from consent_core.adapters.django.mail import preferences_link, unsubscribe_headers
from django import forms
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from shop.models import Customer


class SignUp(forms.Form):
    email = EmailIdentifierField()
    newsletter = forms.BooleanField(required=False, label="Send me your newsletter")
    events = forms.BooleanField(required=False, label="Tell me of events near me")


def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUp(request.POST or None)
    if done := form.is_valid():
        store(form.cleaned_data)
    return render(request, "shop/sign_up.html", {"form": form, "done": done})


def store(chosen: dict[str, Any]) -> None:
    address = chosen["email"]
    with transaction.atomic():
        # A customer who comes again is found by the key.
        Customer.objects.get_or_create(
            email_key=address, defaults={"email": address}
        )
        if chosen["newsletter"]:
            outcome = get_service().request_opt_in(
                address,
                topics={"events": "IN"} if chosen["events"] else {},
                description="Sign-up form, version 3",
            )
            # A mail must not leave before both are stored.
            transaction.on_commit(lambda: ask(address, outcome))


def ask(address: str, outcome: cc.Outcome) -> None:
    link = outcome.link
    if link is None or link.type is not cc.LinkType.CONFIRMATION:
        return
    # Whoever may be contacted, and joins no other topic, is not asked again.
    joins = {*outcome.asked_topics} - outcome.consent.chosen_topics
    if joins or not get_service().may_contact(address, topic=cc.ANY_TOPIC):
        EmailMessage("Please confirm", link.url, to=[address]).send()


async def sign_up_by_script(request: HttpRequest) -> HttpResponse:
    form = SignUp(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    await sync_to_async(store)(form.cleaned_data)
    return JsonResponse({})


def send_offers() -> None:
    audience = Customer.objects.may_be_contacted(
        "EMAIL", topic="offers", consent_as="consent"
    )
    for customer in audience:
        more = f"Choose what you get: {preferences_link(customer.consent).url}"
        headers = unsubscribe_headers(customer.consent, topic="offers")
        EmailMessage("Offers", more, to=[customer.email], headers=headers).send()
