"""Everything that a person sees is translated."""

import gettext
import re
import string
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override
from hypothesis import given, settings

import consent_core as cc
from consent_core.adapters.django.forms import EmailIdentifierField, PhoneIdentifierField
from consent_core.adapters.django.identifiers import MESSAGES
from consent_core.adapters.django.mail import preferences_link
from consent_core.adapters.django.words import LABELS
from consent_core.domain.vocabulary import (
    Actor,
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)
from consent_core.testing import strategies
from tests.django.catalogue import CATALOGUES, messages, read
from tests.django.test_admin import ADA, LIST, staff, text
from tests.django.test_views import path_of


def placeholders(text: str) -> set[str]:
    """What stands in a text for its parts."""
    by_template = set(re.findall(r"%\((\w+)\)s", text))
    return by_template | {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_text_is_translated(catalogue: Path) -> None:
    """None is missing, empty or left over, and each has the placeholders of its text."""
    translations = read(catalogue)
    del translations[""]
    assert translations.keys() == messages()
    for original, translated in translations.items():
        assert placeholders(translated) == placeholders(original)
        assert translated.strip()
        # It joins what stands before it.
        assert (translated[0] in " ,") == (original[0] in " ,")


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_what_is_compiled_is_what_is_written(catalogue: Path) -> None:
    """Else run ``python -m tests.django.catalogue``."""
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        found = gettext.GNUTranslations(compiled)
    translations = read(catalogue)
    del translations[""]
    assert {text: found.gettext(text) for text in translations} == translations


@settings(max_examples=30)
@given(strategies.records(), strategies.policies())
def test_every_sentence_of_an_explanation_is_translated(
    consent: cc.MarketingConsent, policy: cc.Policy
) -> None:
    """Whatever is explained, its texts are known to the catalogues."""
    asked: set[str] = set()

    def translate(text: str) -> str:
        asked.add(text)
        return text

    explained = cc.explain(consent, now=strategies.MOMENT, policy=policy)
    assert len(explained.said(translate)) == len(explained.sentences)
    assert asked <= messages()


def test_every_word_has_a_label() -> None:
    """A new word needs one."""
    enums = (ConsentState, Channel, ConfirmationSource, RevokeSource, Actor, OptInLevel)
    assert LABELS.keys() == {str(word) for enum in enums for word in enum}


@pytest.mark.parametrize("field", [EmailIdentifierField(), PhoneIdentifierField()])
@pytest.mark.parametrize("given", ["ada@", "+1", "x" * 500, "a@b" + "c" * 400])
def test_every_error_of_a_field_is_translated(field: Any, given: str) -> None:
    """By its code, unless a project gives a text of its own."""
    with override("de"), pytest.raises(ValidationError) as caught:
        field.to_python(given)
    assert caught.value.code in MESSAGES
    with override("de"):
        (german,) = caught.value.messages
    assert caught.value.messages != [german]
    own = type(field)(error_messages={str(caught.value.code): "Bitte prüfen."})
    with pytest.raises(ValidationError, match=r"Bitte prüfen\."):
        own.to_python(given)


def test_pages_and_admin_speak_german(shop: cc.ConsentService) -> None:
    """The pages by the language of the link, the admin by that of the reader."""
    shop.opt_in(ADA)
    shop.opt_out(ADA)
    page = Client().get(path_of(preferences_link(ADA, "de"))).content.decode()
    assert "Sie bekommen keine Nachrichten an A***@e***" in page
    browser = staff("view_record")
    with override("de"):
        shown = text(browser.get(LIST))
        row = re.findall(r"record/(\d+)/change", shown)[0]
        shown += text(browser.get(f"{LIST}{row}/change/"))
    assert "Werbe-Einwilligungen" in shown
    assert "A***@e*** darf nicht per E-Mail kontaktiert werden." in shown
    assert "in einem Formular von der Person selbst widerrufen." in shown
    assert "REVOKED: Die Person hat die Einwilligung widerrufen." in shown
    assert "Nein: " in shown
