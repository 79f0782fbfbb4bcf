"""Consents in the admin: read only, in words, with the one action that support needs.

Identifiers are masked and descriptions left out, unless a user has the permission
``consent_core.view_personal_data``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.identifiers import (
    MESSAGES,
    identifier_typed,
    judge_by_policy,
)
from consent_core.adapters.django.models import Record
from consent_core.adapters.django.topics import topic_label
from consent_core.adapters.django.words import LABELS, told
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.explanation import explain
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH, Identifier
from consent_core.domain.policy import Policy
from consent_core.domain.reasons import TEXTS
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import Actor, Channel, ConsentState, RevokeSource
from consent_core.wire.documents import load_record


class _WordFilter(admin.SimpleListFilter):
    """Rows with one word in a column; no query is needed to list the words."""

    words: ClassVar[Any]

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        """As ``SimpleListFilter.lookups``."""
        return [(str(word), LABELS[word]) for word in self.words]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        """As ``SimpleListFilter.queryset``."""
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class _StateFilter(_WordFilter):
    title, parameter_name, words = _("state"), "state", ConsentState


class _ChannelFilter(_WordFilter):
    title, parameter_name, words = _("channel"), "channel", Channel


class OptOutForm(forms.Form):
    """Why an opt-out is recorded."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the person said and how, such as: by telephone on Monday."),
    )


class UnseenOptOutForm(OptOutForm):
    """Whose opt-out is recorded, and why, for people who are perhaps not stored."""

    person = forms.CharField(
        label=_("Person"),
        max_length=MAX_IDENTIFIER_LENGTH,
        help_text=_("A whole e-mail address, or a phone number"),
    )
    field_order = ("person", "reason")

    def clean_person(self) -> Identifier:
        """The identifier that was typed."""
        try:
            who = identifier_typed(self.cleaned_data["person"])
        except InvalidConsent:
            raise forms.ValidationError(
                _("Enter a whole e-mail address, or a phone number with +.")
            ) from None
        # Who is stored was judged then: a stricter policy does not stand in the way of a no.
        if not get_service().repository.find([who]):
            judge_by_policy(who, MESSAGES)
        return who


@admin.register(Record)
class RecordAdmin(admin.ModelAdmin):
    """What is stored, why a person may not be contacted, and what happened."""

    actions = None
    change_form_template = "admin/consent_core/record/change_form.html"
    change_list_template = "admin/consent_core/record/change_list.html"
    fields = ("person", "by", "current_state", "answer", "reasons", "history")
    list_display = ("person", "by", "current_state", "changed")
    list_filter = (_StateFilter, _ChannelFilter)
    ordering = ("-updated_date", "-consent_id")
    readonly_fields = fields
    search_fields = ("key",)
    search_help_text = _("A whole e-mail address, a whole phone number, or an id")
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody: consents come from evidence."""
        return False

    def has_change_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        """Nobody: the rules change consents."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        """Nobody: ``ConsentService.delete`` erases a person, with the history."""
        return False

    def lookup_allowed(self, lookup: str, _value: Any, request: Any = None) -> bool:  # noqa: ARG002  # since Django 5
        """Of filters in the address only those of the page.

        Whoever sees masked identifiers could otherwise guess keys and documents letter by letter.
        """
        return lookup in {"state", "channel"}

    def get_queryset(self, request: HttpRequest) -> Any:
        """The rows of the project's own site; each knows whether it may name the person."""
        repository: Any = get_service().repository
        rows = super().get_queryset(request).using(repository.using).filter(site=repository.site)
        named = request.user.has_perm("consent_core.view_personal_data")
        return rows.annotate(named=Value(named, output_field=BooleanField()))

    def get_search_results(
        self, _request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """The rows of one person, by the key or the id."""
        if not search_term:
            return queryset, False
        try:
            who = identifier_typed(search_term)
        except InvalidConsent:
            return _by_id(queryset, search_term), False
        return queryset.filter(channel=who.channel, key=who.key), False

    @admin.display(description=_("person"))
    def person(self, row: Any) -> Any:
        """Whom it is about, masked unless the user may see it."""
        details = load_record(row.document).details
        return details.address if row.named else str(details)

    @admin.display(description=_("channel"), ordering="channel")
    def by(self, row: Any) -> Any:
        """How the person is reached."""
        return LABELS[row.channel]

    @admin.display(description=_("state"), ordering="state")
    def current_state(self, row: Any) -> Any:
        """The state of the consent."""
        return LABELS[row.state]

    @admin.display(description=_("changed"), ordering="updated_date")
    def changed(self, row: Any) -> Any:
        """When it was changed last."""
        return row.updated_date

    @admin.display(description=_("answer"))
    def answer(self, row: Any) -> Any:
        """Whether the person may be contacted, about each topic, and why, in words."""
        consent, (now, policy, topics) = load_record(row.document), _asked()
        told = [
            explain(consent, now=now, policy=policy, topic=topic).said(gettext) for topic in topics
        ]
        # What is said of each topic is said once.
        answers, why = [each[0] for each in told], [line for each in told for line in each[1:]]
        return _lines([*answers, *dict.fromkeys(why)])

    @admin.display(description=_("reasons against contact"))
    def reasons(self, row: Any) -> Any:
        """Every reason, in order of precedence, with the topics that it is about."""
        return _lines(_reasons(load_record(row.document))) or "-"

    @admin.display(description=_("history"))
    def history(self, row: Any) -> Any:
        """What happened, with the evidence of each state."""
        events = get_service().history(row.consent_id)
        return format_html_join("", "<p>{}</p>", ((_lines(told(e, row.named)),) for e in events))

    def get_urls(self) -> list[Any]:
        """As ``ModelAdmin.get_urls``, and the page of the opt-out."""
        view = self.admin_site.admin_view(self.opt_out_view)
        own = path("<path:pk>/opt-out/", view, name="consent_core_record_opt_out")
        unseen = path("opt-out/", view, name="consent_core_record_opt_out_unseen")
        return [unseen, own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """As ``ModelAdmin.changelist_view``; the template offers the opt-out."""
        may_opt_out = request.user.has_perm("consent_core.record_opt_out")
        context = {**(extra_context or {}), "may_opt_out": may_opt_out}
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> HttpResponse:
        """As ``ModelAdmin.render_change_form``; the template offers the opt-out."""
        context["may_opt_out"] = request.user.has_perm("consent_core.record_opt_out")
        return super().render_change_form(request, context, **options)

    def opt_out_view(self, request: HttpRequest, pk: str | None = None) -> HttpResponse:
        """Ask for the reason, and for the person without a row, then record the opt-out."""
        if not request.user.has_perm("consent_core.record_opt_out"):
            raise PermissionDenied
        pages = f"{self.admin_site.name}:consent_core_record"
        row: Any = None
        if pk is None:
            form, back = UnseenOptOutForm(request.POST or None), reverse(f"{pages}_changelist")
        else:
            row = self.get_object(request, pk)
            if row is None:
                raise Http404
            form, back = OptOutForm(request.POST or None), reverse(f"{pages}_change", args=[pk])
        if form.is_valid():
            who = form.cleaned_data.get("person") or load_record(row.document).details
            _record_opt_out(who, form.cleaned_data["reason"])
            row = row or self.get_queryset(request).filter(channel=who.channel, key=who.key).first()
            # Of somebody who was erased there is no row: the tombstone remembers the opt-out.
            if row is not None:
                self.log_change(request, row, gettext("Recorded an opt-out by the person."))
            self.message_user(request, _("The opt-out is recorded."), messages.SUCCESS)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Record an opt-out"),
            "opts": self.opts,
            "original": row and self.person(row),
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/consent_core/record/opt_out.html", context)


def _asked() -> tuple[datetime, Policy, Any]:
    """Now, the policy, and each topic to ask about: a single None where there are none."""
    use_cases = get_service().use_cases
    return use_cases.clock(), use_cases.policy, use_cases.policy.topics or (None,)


def _reasons(consent: MarketingConsent) -> Iterator[str]:
    now, policy, topics = _asked()
    own = {rule.reason: rule.text for rule in policy.rules}
    about: dict[str, list[str]] = {}
    for topic in topics:
        for reason in eligibility(consent, now=now, policy=policy, topic=topic).reasons:
            about.setdefault(reason, []).append(str(topic_label(topic)))
    for reason, names in about.items():
        named = f" ({', '.join(names)})" if len(names) < len(topics) else ""
        yield f"{reason}{named}: {gettext(TEXTS[reason]) if reason in TEXTS else own[reason]}"


def _record_opt_out(who: Identifier, reason: str) -> None:
    # Undated: the rules date it at receipt, or later where a fast clock dated the confirmation.
    said = RevokeActivity(source=RevokeSource.OTHER, actor=Actor.SUBJECT, description=reason)
    request = Upsert(details=who, state=ConsentState.REVOKED, last_revoke_activity=said)
    get_service().upsert(request)


def _by_id(queryset: Any, text: str) -> Any:
    try:
        return queryset.filter(consent_id=UUID(text))
    except ValueError:
        return queryset.none()


def _lines(texts: Any) -> Any:
    return format_html_join(mark_safe("<br>"), "{}", ((text,) for text in texts))
