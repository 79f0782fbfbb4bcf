"""A small shop with a newsletter: its own table, and consent_core for the rest."""

import os
from datetime import timedelta
from email.message import EmailMessage

from attrs import evolve
from flask import Flask, Response, render_template_string, request
from sqlalchemy import create_engine, exc
from sqlalchemy.dialects.sqlite import insert  # or dialects.postgresql
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    sessionmaker,
)

import consent_core as cc
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema
from consent_core.links import SignedLinks, list_unsubscribe_headers
from consent_core.wire import read_upsert

# --- Settings

URL = os.environ.get("SHOP_URL", "http://localhost:5000")
HTTPS = URL.startswith("https:")
DATABASE = os.environ.get("SHOP_DATABASE", "sqlite:///flask_shop.db")
LINK_KEY = os.environ.get("SHOP_LINK_KEY", "of this example, and long enough")
POLICY = evolve(
    cc.Policy.strict(),
    # One server has one clock: who leaves a topic can come back at once.
    evidence_margin=timedelta(0),
    topics={"news": cc.TopicDefault.OPT_OUT, "offers": cc.TopicDefault.OPT_IN},
)
LINKS = SignedLinks(f"{URL}/consent", keys=[LINK_KEY])
WORDS = "Yes, send me news by e-mail. I can unsubscribe at any time."

# --- Tables


class Base(DeclarativeBase):
    """The tables of the shop."""


class Customer(Base):
    """A row for each address; its key is the same for A@b.org and a@b.org."""

    __tablename__ = "customers"
    key: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]


engine = create_engine(DATABASE, hide_parameters=True)
create_schema(engine)
Base.metadata.create_all(engine)
database = sessionmaker(engine)

# --- Bridge

app = Flask(__name__)


def consents_in(session: Session) -> cc.ConsentService:
    """The consents, as a part of the shop's own transaction."""
    repository = SqlAlchemyRepository(session.connection())
    return cc.ConsentService(repository, policy=POLICY, links=LINKS)


@app.errorhandler(cc.InvalidToken)
@app.errorhandler(cc.InvalidConsent)  # a button that no page has
@app.errorhandler(cc.ConsentNotFound)
def refused(_: Exception) -> Response:
    """Say that a link does not work."""
    return page(MESSAGE, 403, text="This link does not work. Please sign up again.")


@app.errorhandler(cc.Contended)
@app.errorhandler(cc.Unavailable)
@app.errorhandler(exc.OperationalError)  # of the shop's own statements
@app.errorhandler(exc.TimeoutError)  # no connection of the pool is free
def unavailable(error: Exception) -> Response:
    """Log that the store failed, and ask the person to wait."""
    # The message of a driver may quote what was to be stored.
    ours = isinstance(error, cc.ConsentError)
    app.logger.error("%s", error if ours else type(error).__name__)
    return page(MESSAGE, 503, text="Please try again in a minute.")


# --- Sign-up


@app.get("/")
def form() -> Response:
    """Show the form."""
    return page(SIGN_UP, values={}, errors={})


@app.post("/")
def sign_up() -> Response:
    """Store the customer and the question together, then mail the link."""
    values, asked = request.form, None
    errors: dict[str, str] = {}
    name = values.get("name", "").strip()[:100]
    if not name:
        errors["name"] = "must be given"
    topics = {each: {"choice": "IN"} for each in values.getlist("topics")}
    try:
        asked = read_upsert(
            {"state": "PENDING", "topics": topics},
            policy=POLICY,
            # Anybody can type any address: so a form asks, and proves nothing.
            claims=cc.Claims.sign_up_form(),
            identifier=cc.Email(values.get("email", "")),
            description=WORDS,
        )
    except cc.InvalidConsent as error:
        for each in error.violations:
            errors[FIELDS.get(each.path, "topics")] = each.description
    if errors or asked is None:
        return page(SIGN_UP, 422, values=values, errors=errors)
    address = asked.details.address
    row = {"key": asked.details.key, "email": address, "name": name}
    with database.begin() as session:
        # A stranger changes no row that is there.
        session.execute(insert(Customer).values(row).on_conflict_do_nothing())
        outcome = consents_in(session).upsert(asked)
    # Whoever has confirmed all of it already gets no mail.
    if (link := outcome.link_to_mail) is not None:
        text = f"Please confirm: {link.url}"
        deliver(letter(address, "Please confirm", text, {}))
    # The same for everybody: nobody learns who is known to the shop.
    return page(MESSAGE, text="Thank you. Please look into your mailbox.")


FIELDS = {"details.email": "email"}

# --- Links

BUTTONS = {
    cc.LinkType.CONFIRMATION: "Yes, send me news",
    cc.LinkType.REVOKE_CONFIRMATION: "Unsubscribe",
}


@app.get("/consent")
def ask() -> Response:
    """Show what a link does. It does nothing yet: mail scanners open links, too."""
    with database() as session:
        preview = consents_in(session).preview(request.args.get("token", ""))
    return page(BUTTON, preview=preview, button=BUTTONS[preview.type])


@app.post("/consent")
def act() -> Response:
    """Do it: for the button of the page, or of a mail program (RFC 8058)."""
    token, action = request.args.get("token", ""), request.form.get("action")
    with database.begin() as session:
        consents = consents_in(session)
        if action in BUTTONS:
            consents.redeem(token, action=cc.LinkType(action))
        else:
            consents.redeem_one_click(token, request.form)
    return page(MESSAGE, text="Thank you. It is done.")


# --- Preferences


@app.get("/preferences")
def preferences() -> Response:
    """Show which topics a person wants, to whoever has the link of a message."""
    with database() as session:
        consent = consent_of(request.args.get("token", ""), consents_in(session))
    topics = cc.wanted_topics(consent, POLICY)
    return page(PREFERENCES, person=consent.details, topics=topics)


@app.post("/preferences")
def choose() -> Response:
    """Store what was changed, as the person's own choice; show what holds now."""
    topics = request.form.getlist("topics")
    # What the page had ticked: only what the person changes is a choice.
    checked = request.form.getlist("checked")
    changed = {
        name: "IN" if name in topics else "OUT"
        for name in POLICY.topics
        if (name in topics) != (name in checked)
    }
    with database.begin() as session:
        consents = consents_in(session)
        person = consent_of(request.args.get("token", ""), consents).details
        if changed:
            consents.choose_topics(person, changed, actor=cc.Actor.SUBJECT)
    return preferences()


def consent_of(token: str, consents: cc.ConsentService) -> cc.MarketingConsent:
    """Of the person to whom the link to unsubscribe was sent."""
    return consents.preview(token, action=cc.LinkType.REVOKE_CONFIRMATION).consent


# --- Newsletter


def send(topic: str, subject: str, text: str) -> None:
    """Send a message to all who may get it; for a job, such as cron's."""
    messages: list[EmailMessage] = []
    with database() as session:
        consents = consents_in(session)
        for record in consents.audience(cc.Channel.EMAIL, topic=topic):
            customer = session.get(Customer, record.details.key)
            name = "reader" if customer is None else customer.name
            link = consents.revocation_link(record, topic=topic)
            choices = link.url.replace("/consent?", "/preferences?")
            body = f"Dear {name},\n\n{text}\n\n{choices}\n"
            # RFC 8058 wants HTTPS, which this machine alone does not have.
            headers = list_unsubscribe_headers(link) if HTTPS else {}
            messages.append(letter(record.address, subject, body, headers))
    for message in messages:
        deliver(message)


def letter(to: str, subject: str, text: str, more: dict[str, str]) -> EmailMessage:
    """A mail of the shop, with more headers."""
    message = EmailMessage()
    headers = {"From": "shop@example.org", "To": to, "Subject": subject} | more
    for header, value in headers.items():
        message[header] = value
    message.set_content(text)
    return message


def deliver(message: EmailMessage) -> None:
    """Stands for your server: smtplib.SMTP("localhost").send_message(message)."""
    print(f"To: {message['To']}\n\n{message.get_content()}", flush=True)


# --- Pages

HEAD = """
<!doctype html><title>Shop</title>
<style>
body { font: 16px sans-serif; max-width: 30em; margin: 2em auto; }
label, button { display: block; margin: 1em 0 0; }
small { color: #b00020; display: block; }
</style>
"""

SIGN_UP = """
<h1>News from the shop</h1>
<form method="post" novalidate>
<label>Name <input name="name" value="{{ values.name }}"></label>
<small>{{ errors.name }}</small>
<label>E-mail <input name="email" value="{{ values.email }}"></label>
<small>{{ errors.email }}</small>
<label><input type="checkbox" name="topics" value="offers"> Offers, too</label>
<small>{{ errors.topics }}</small>
<p>{{ words }}</p>
<button>Sign up</button>
</form>
"""

BUTTON = """
<form method="post">
<p>{{ preview.consent.details }}
{% for topic in preview.topics %}, {{ topic }}{% endfor %}</p>
<button name="action" value="{{ preview.type }}">{{ button }}</button>
{% if preview.link %}
<p><a href="{{ preview.link.url }}">Leave everything</a></p>
{% endif %}
</form>
"""

PREFERENCES = """
<form method="post"><p>What do you want to get, {{ person }}?</p>
{% for topic, is_wanted in topics.items() %}
<label><input type="checkbox" name="topics" value="{{ topic }}"
{{ "checked" if is_wanted }}> {{ topic }}</label>
<input type="hidden" name="checked" value="{{ topic }}"
{{ "disabled" if not is_wanted }}>
{% else %}
You have left everything. You can sign up again.
{% endfor %}
{% if topics %}<button>Save</button>{% endif %}</form>
"""

MESSAGE = "<p>{{ text }}</p>"


def page(template: str, status: int = 200, **values: object) -> Response:
    """A page; its address may hold a token, which must not travel on."""
    html = render_template_string(HEAD + template, words=WORDS, **values)
    headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    return Response(html, status, headers)


if __name__ == "__main__":
    send("news", "News", "There is news.")
