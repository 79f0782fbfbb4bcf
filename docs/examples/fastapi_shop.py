"""A small shop with a newsletter: its own table, and consent_core for the rest."""

import os
from datetime import timedelta
from email.message import EmailMessage
from html import escape
from typing import Annotated

from attrs import evolve
from fastapi import BackgroundTasks, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
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
from consent_core.fastapi import add_exception_handlers, consent_exception_handler
from consent_core.links import SignedLinks, list_unsubscribe_headers
from consent_core.pydantic import ConsentPart, Email, Limits

# --- Settings

URL = os.environ.get("SHOP_URL", "http://localhost:8000")
HTTPS = URL.startswith("https:")
DATABASE = os.environ.get("SHOP_DATABASE", "sqlite:///fastapi_shop.db")
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

app = FastAPI()
add_exception_handlers(app)


def consents_in(session: Session) -> cc.ConsentService:
    """The consents, as a part of the shop's own transaction."""
    repository = SqlAlchemyRepository(session.connection())
    return cc.ConsentService(repository, policy=POLICY, links=LINKS)


@app.exception_handler(exc.OperationalError)
@app.exception_handler(exc.TimeoutError)  # no connection of the pool is free
async def outage(request: Request, error: Exception) -> Response:
    """Answer a failing statement of the shop, or its commit, as Unavailable."""
    unavailable = cc.Unavailable(type(error).__name__)
    return await consent_exception_handler(request, unavailable)


# --- Sign-up


class SignUp(BaseModel):
    """What a stranger sends: anybody can type any address."""

    name: str = Field(min_length=1, max_length=100)
    email: Email
    # Without claims, anybody could send "confirmed by double opt-in, last year".
    consent: Annotated[ConsentPart, Limits(cc.Claims.sign_up_form(), POLICY)]


@app.post("/sign-up")
def sign_up(form: SignUp, tasks: BackgroundTasks) -> dict[str, str]:
    """Store the customer and the question together, then mail the link."""
    row = {"key": form.email.key, "email": form.email.address, "name": form.name}
    with database.begin() as session:
        # A stranger changes no row that is there.
        session.execute(insert(Customer).values(row).on_conflict_do_nothing())
        request = form.consent.upsert(form.email, description=WORDS)
        outcome = consents_in(session).upsert(request)
    # Whoever has confirmed all of it already gets no mail.
    if (link := outcome.link_to_mail) is not None:
        text = f"Please confirm: {link.url}"
        mail = letter(form.email.address, "Please confirm", text, {})
        tasks.add_task(deliver, mail)
    # The same for everybody: nobody learns who is known to the shop.
    return {"message": "Thank you. Please look into your mailbox."}


# --- Links

BUTTONS = {
    cc.LinkType.CONFIRMATION: "Yes, send me news",
    cc.LinkType.REVOKE_CONFIRMATION: "Unsubscribe",
}


@app.exception_handler(cc.InvalidToken)
@app.exception_handler(cc.ConsentNotFound)
def refused(_request: Request, _exc: Exception) -> HTMLResponse:
    """Say so on a page: links are opened in a browser."""
    return page("<p>This link does not work. Please sign up once more.</p>", 403)


@app.get("/consent")
def ask(token: str) -> HTMLResponse:
    """Show what a link does. It does nothing yet: mail scanners open links, too."""
    with database() as session:
        preview = consents_in(session).preview(token)
    about = escape(", ".join([str(preview.consent.details), *preview.topics]))
    button = f'<button name="action" value="{preview.type}">'
    body = f"<p>{about}</p>{button}{BUTTONS[preview.type]}</button>"
    if preview.link is not None:
        body += f'<p><a href="{escape(preview.link.url)}">Leave everything</a></p>'
    return page(f'<form method="post">{body}</form>')


@app.post("/consent")
def act(
    token: str,
    action: Annotated[cc.LinkType | None, Form()] = None,
    one_click: Annotated[str, Form(alias="List-Unsubscribe")] = "",
) -> HTMLResponse:
    """Do it: for the button of the page, or of a mail program (RFC 8058)."""
    with database.begin() as session:
        consents = consents_in(session)
        if action is None:
            consents.redeem_one_click(token, {"List-Unsubscribe": one_click})
        else:
            consents.redeem(token, action=action)
    return page("<p>Thank you. It is done.</p>")


# --- Preferences


@app.get("/preferences")
def preferences(token: str) -> HTMLResponse:
    """Show which topics a person wants, to whoever has the link of a message."""
    with database() as session:
        consent = consent_of(token, consents_in(session))
    boxes = ""
    for topic, is_wanted in cc.wanted_topics(consent, POLICY).items():
        value, checked = f'value="{topic}"', "checked" if is_wanted else ""
        boxes += f'<label><input type="checkbox" name="topics" {value} {checked}>'
        # The form says what it showed: only what the person changes is a choice.
        shown = f'<input type="hidden" name="checked" {value}>' if is_wanted else ""
        boxes += f" {topic}</label>{shown}"
    if not boxes:
        return page("<p>You have left everything. You can sign up again.</p>")
    boxes = f"<p>{escape(str(consent.details))}</p>{boxes}<button>Save</button>"
    return page(f'<form method="post">{boxes}</form>')


@app.post("/preferences")
def choose(
    token: str,
    topics: Annotated[frozenset[str], Form()] = frozenset(),
    checked: Annotated[frozenset[str], Form()] = frozenset(),
) -> HTMLResponse:
    """Store what was changed, as the person's own choice; show what holds now."""
    changed = {
        name: "IN" if name in topics else "OUT"
        for name in POLICY.topics
        if (name in topics) != (name in checked)
    }
    with database.begin() as session:
        consents = consents_in(session)
        person = consent_of(token, consents).details
        if changed:
            consents.choose_topics(person, changed, actor=cc.Actor.SUBJECT)
    return preferences(token)


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

STYLE = """
body { font: 16px sans-serif; max-width: 30em; margin: 2em auto; }
label, button { display: block; margin: 1em 0 0; }
small { color: #b00020; display: block; }
"""

SIGN_UP = """
<h1>News from the shop</h1>
<form id="form" novalidate>
<label>Name <input name="name"></label><small id="name"></small>
<label>E-mail <input name="email"></label><small id="email"></small>
<label><input type="checkbox" name="offers"> Offers, too</label>
<p>WORDS</p>
<button>Sign up</button>
</form>
<p id="message"></p>
<script>
const form = document.getElementById("form")
form.onsubmit = async (event) => {
  event.preventDefault()
  const { name, email, offers } = form.elements
  const topics = offers.checked ? { offers: { choice: "IN" } } : {}
  const consent = { state: "PENDING", topics }
  const body = JSON.stringify({ name: name.value, email: email.value, consent })
  const headers = { "Content-Type": "application/json" }
  const answer = await fetch("sign-up", { method: "POST", headers, body })
  const said = { name: "", email: "", message: "" }
  const { message, detail } = await answer.json()
  said.message = message ?? ""
  // An error at none of these fields, and a 503, stand below the form.
  const errors = Array.isArray(detail) ? detail : [{ loc: [], msg: detail ?? "" }]
  for (const { loc, msg } of errors) {
    said[loc.find((part) => part in said) ?? "message"] += msg
  }
  for (const id in said) document.getElementById(id).textContent = said[id]
}
</script>
"""


@app.get("/")
def front() -> HTMLResponse:
    """The form. It sends JSON, and shows each error of a 422 beside its field."""
    return page(SIGN_UP.replace("WORDS", WORDS))


def page(body: str, status_code: int = 200) -> HTMLResponse:
    """A page; its address may hold a token, which must not travel on."""
    head = f"<!doctype html><title>Shop</title><style>{STYLE}</style>"
    headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    return HTMLResponse(head + body, status_code, headers)


if __name__ == "__main__":
    send("news", "News", "There is news.")
