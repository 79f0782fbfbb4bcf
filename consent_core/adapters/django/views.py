"""The pages that links lead to: confirm, unsubscribe, preferences.

GET never acts, for mail scanners fetch links. Whoever has the token of a link may do what it is
for, with or without a session, so there is nothing for CSRF protection to protect: a site that
forges the request would need the token.
"""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from consent_core.adapters.django.conf import get_links, get_service
from consent_core.adapters.django.topics import TopicsForm, choose, topic_label
from consent_core.application.outcomes import LinkPreview
from consent_core.domain.checks import invalid
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import ConsentNotFound, InvalidConsent, InvalidToken
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topic_questions import wanted_topics
from consent_core.domain.topic_words import TopicQuestion
from consent_core.domain.vocabulary import ConsentState, LinkType, ViolationCode

_ONE_CLICK = "List-Unsubscribe"
_CHOICES = "choices"
_SAVE = "save"
_NONE = "none"


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class LinkView(View):
    """A page behind a signed link: it asks, and acts when its form is sent.

    The templates get ``address`` (masked), ``token``, ``eligibility``, ``consent``, and of topics:
    ``topics``, the labels of those that the link joins or leaves; ``everything``, the address of
    the page to leave all of them; ``preferences``, the address of the page to choose them.
    """

    action: ClassVar[LinkType]
    """What the page is for; a token for another action is refused."""

    template_name: str
    """Asks."""

    done_template_name: str
    """Says what was done."""

    refused_template_name = "consent_core/refused.html"
    """Says that the link does not work; gets ``error``."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As ``View.dispatch``; what is wrong with a link is a page, too.

        Raises:
            ImproperlyConfigured: the settings have no ``LINK_KEYS``.
        """
        get_links()
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        except InvalidConsent as error:
            response = self._refused(error, 400)
        except InvalidToken as error:
            response = self._refused(error, 403)
        except ConsentNotFound as error:
            response = self._refused(error, 410)
        # The address of the page holds the token, which is a credential.
        response["Referrer-Policy"] = "no-referrer"
        return response

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what the link would do."""
        token = request.GET.get("token", "")
        preview = get_service().preview(token, action=self.action)
        return self._page(self.template_name, preview, preview.consent, token)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it; or unsubscribe as a mail program asks for it (RFC 8058), which never confirms."""
        service = get_service()
        if _ONE_CLICK in request.POST:
            token = request.GET.get("token", "")
            self._tell(service.redeem_one_click(token, request.POST.dict()))
            return HttpResponse()
        token = _token_of(request)
        preview = service.preview(token, action=self.action)
        outcome = service.redeem(token, action=self.action)
        self._tell(outcome)
        return self._page(self.done_template_name, preview, outcome.consent, token)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.events:
            self.acted(outcome)

    def acted(self, outcome: Outcome) -> None:
        """Called after a request has changed the consent; does nothing here.

        A second click that confirms changes nothing, so a message of welcome is not sent twice. One
        that unsubscribes is later evidence, which is a change.

        Args:
            outcome: what became of it, with what happened in ``events``.
        """

    def _page(
        self, template: str, preview: LinkPreview, consent: MarketingConsent, token: str
    ) -> HttpResponse:
        use_cases = get_service().use_cases
        now, policy = use_cases.clock(), use_cases.policy
        whole = TopicQuestion.ANY_TOPIC if policy.topics else None
        can_choose = policy.topics and self.action is LinkType.REVOKE_CONFIRMATION
        context = {
            "address": str(consent.details),
            "consent": consent,
            "eligibility": eligibility(consent, now=now, policy=policy, topic=whole),
            "everything": preview.link and preview.link.url,
            "preferences": get_links().preferences(token) if can_choose else None,
            "token": token,
            "topics": [topic_label(name) for name in preview.topics],
            **self.context_of(consent),
        }
        with translation.override(preview.language or translation.get_language()):
            return render(self.request, template, context)

    def context_of(self, _consent: MarketingConsent) -> dict[str, Any]:
        """What a page shows besides."""
        return {}

    def _refused(self, error: Exception, status: int) -> HttpResponse:
        return render(self.request, self.refused_template_name, {"error": error}, status=status)


def _token_of(request: HttpRequest) -> str:
    return str(request.POST.get("token") or request.GET.get("token", ""))


class ConfirmView(LinkView):
    """The second half of a double opt-in."""

    action = LinkType.CONFIRMATION
    template_name = "consent_core/confirm.html"
    done_template_name = "consent_core/confirmed.html"


class UnsubscribeView(LinkView):
    """An opt-out, with one click more or by the mail program."""

    action = LinkType.REVOKE_CONFIRMATION
    template_name = "consent_core/unsubscribe.html"
    done_template_name = "consent_core/unsubscribed.html"


class PreferencesView(LinkView):
    """What the person has chosen, for whoever has the link to unsubscribe.

    The person chooses topics, or opts out. The template gets ``form`` with a box for each topic
    that the policy declares, ``saved``, whether choices were stored just now, and ``is_revoked``.
    Its forms say ``choices=save`` or ``choices=none``.
    """

    action = LinkType.REVOKE_CONFIRMATION
    template_name = "consent_core/preferences.html"
    done_template_name = "consent_core/preferences.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the choices, or unsubscribe; a form that says neither is refused."""
        said = request.POST.get(_CHOICES)
        if said == _NONE or _ONE_CLICK in request.POST:
            return super().post(request)
        if said != _SAVE:
            why = f"must be {_SAVE} for the boxes of the form, or {_NONE} for no messages at all"
            raise invalid(_CHOICES, ViolationCode.REQUIRED, why)
        service = get_service()
        token = _token_of(request)
        preview = service.preview(token, action=self.action)
        outcome = choose(preview.consent, request.POST)
        if outcome is not None:
            self._tell(outcome)
            preview = service.preview(token, action=self.action)
        return self._page(self.done_template_name, preview, preview.consent, token)

    def context_of(self, consent: MarketingConsent) -> dict[str, Any]:
        """As ``LinkView.context_of``."""
        shown = wanted_topics(consent, get_service().use_cases.policy)
        return {
            "form": TopicsForm(shown) if shown else None,
            "is_revoked": consent.state is ConsentState.REVOKED,
            "saved": self.request.POST.get(_CHOICES) == _SAVE,
        }
