from typing import Any

import consent_core as cc
from asgiref.sync import sync_to_async
from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.mail import preferences_link, unsubscribe_headers
from django import forms
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from shop.models import Customer


class SignUp(forms.ModelForm):
    newsletter = forms.BooleanField(required=False, label="Send me your newsletter")
    events = forms.BooleanField(required=False, label="Tell me of events near me")

    class Meta:
        model = Customer
        fields = ["email"]


def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUp(request.POST or None)
    if done := form.is_valid():
        store(form)
    return render(request, "shop/sign_up.html", {"form": form, "done": done})


def store(form: Any) -> None:
    chosen = form.cleaned_data
    with transaction.atomic():
        customer = form.save()
        if chosen["newsletter"]:
            outcome = get_service().request_opt_in(
                customer.email,
                topics={"events": "IN"} if chosen["events"] else {},
                description="Sign-up form, version 3",
            )
            # A mail must not leave before both are stored.
            transaction.on_commit(lambda: ask(customer.email, outcome))


def ask(address: str, outcome: cc.Outcome) -> None:
    if outcome.link is not None:
        EmailMessage("Please confirm", outcome.link.url, to=[address]).send()


async def sign_up_by_script(request: HttpRequest) -> HttpResponse:
    form = SignUp(request.POST)
    if not await sync_to_async(form.is_valid)():
        return JsonResponse(form.errors, status=400)
    await sync_to_async(store)(form)
    return JsonResponse({})


def send_offers() -> None:
    for customer in Customer.objects.may_be_contacted("EMAIL", topic="offers"):
        address = customer.email
        more = f"Choose what you get: {preferences_link(address).url}"
        headers = unsubscribe_headers(address, topic="offers")
        EmailMessage("Offers", more, to=[address], headers=headers).send()
