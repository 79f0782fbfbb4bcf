"""A receipt as a page for people: a summary on one sheet, and the evidence as its annex."""

from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType
from typing import Any, Final

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fff; --line: #767680; --soft: #f2f2f5 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececf1; --paper: #17171a; --line: #8c8c98; --soft: #26262b }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 50rem; padding: 2rem 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2rem 0 .5rem }
h3 { font-size: 1rem; margin: 0 0 .5rem }
dl { display: grid; grid-template-columns: minmax(8rem, 13rem) 1fr; gap: .25rem 1rem; margin: 0 }
dt { font-weight: 600 }
dd { margin: 0; white-space: pre-wrap }
.answer { border: 2px solid var(--ink); border-radius: .5rem; padding: .75rem 1rem; margin: 0 }
.answer strong { font-size: 1.25rem }
ol { list-style: none; margin: 0; padding: 0 }
li { background: var(--soft); border: 1px solid var(--line); border-radius: .5rem;
  margin: 0 0 1rem; padding: .75rem 1rem; break-inside: avoid }
.known li { background: none; border: 0; margin: 0 0 .25rem; padding: 0 }
footer { border-top: 1px solid var(--line); font-size: .875rem; margin-top: 2rem }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } }
@media print {
  :root { --ink: #000; --paper: #fff; --line: #767680; --soft: #fff; color-scheme: light }
  body { max-width: none; padding: 0; font-size: 10.5pt }
  .annex { break-before: page }
  @page { margin: 2cm }
}
"""

_STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dpv:ConsentUnknown": "Not known",
        "dpv:ConsentStatusInvalidForProcessing": "No consent",
        "dpv:ConsentRequested": "The person was asked to confirm",
        "dpv:ConsentGiven": "Consent given",
        "dpv:ConsentWithdrawn": "Consent withdrawn by the person",
        "dpv:ConsentRevoked": "Consent revoked by the company",
        "dpv:ConsentExpired": "Consent expired",
    }
)

_ACTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UNKNOWN_ACTOR": "Not known",
        "SUBJECT": "The person",
        "OPERATOR": "The company",
        "IMPORT": "A list that was taken over",
        "PROVIDER": "A mailbox provider or carrier",
    }
)


def receipt_page(receipt: Mapping[str, Any]) -> str:
    """A receipt as a page of HTML that needs no other file, for screens and for print.

    The first sheet has the summary, and the annex has all evidence. Everything that the receipt
    holds is shown as text. It has no scripts, headings and lists tell a screen reader what belongs
    together, and colours follow the reader's own choice of light or dark.

    Args:
        receipt: what ``consent_receipt`` returned, or the same read back from JSON.

    Returns:
        A whole document, in UTF-8. It holds personal data.
    """
    body = "\n".join([*_summary(receipt), *_annex(receipt)])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Even if a text found its way into the markup, it could load and run nothing.
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>Consent receipt</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _summary(receipt: Mapping[str, Any]) -> Iterator[str]:
    record, known = receipt["dpv:hasRecordOfActivity"], receipt["known"]
    granted = known["communicationEligibility"]["granted"]
    yield "<h1>Consent receipt</h1>"
    yield from _listed(
        {
            "Person": record["dpv:hasDataSubject"]["dct:identifier"],
            "Channel": _words(record["channel"]),
            "State": _words(record["state"]),
            "First stored": _moment(record["dct:created"]),
            "Last changed": _moment(record["dct:modified"]),
        }
    )
    yield f"<h2>What was known at {_text(_moment(known['moment']))}</h2>"
    answer = f"Contact was {'' if granted else 'not '}allowed at that moment."
    status = _STATUSES[known["dpv:hasConsentStatus"]]
    yield f'<p class="answer"><strong>{answer}</strong><br>{_text(status)}.</p>'
    yield '<ul class="known">'
    yield from (f"<li>{_text(sentence)}</li>" for sentence in known["sentences"])
    yield "</ul>"
    number = len(record["dpv:hasConsentStatus"])
    pieces = "one piece" if number == 1 else f"{number} pieces"
    yield f"<footer><p>The annex has {pieces} of evidence.</p>"
    yield from _listed(
        {"Receipt": receipt["dpv:hasIdentifier"], "Record": record["dct:identifier"]}
    )
    yield "</footer>"


def _annex(receipt: Mapping[str, Any]) -> Iterator[str]:
    yield '<section class="annex" aria-labelledby="annex">'
    yield '<h2 id="annex">Annex: the evidence, in the order in which it was stored</h2>'
    yield "<ol>"
    pieces = receipt["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    for number, piece in enumerate(pieces, start=1):
        yield f"<li><h3>{number}. {_text(_STATUSES[piece['@type']])}</h3>"
        level = {"Opt-in level": _words(piece["optInLevel"])} if "optInLevel" in piece else {}
        topic = {"Topic": piece["topic"]} if "topic" in piece else {}
        stored = piece.get("storedDate")
        yield from _listed(
            {
                **topic,
                "Date of the act": _moment(piece["dpv:isIndicatedAtTime"]),
                "Stored": "Not known" if stored is None else _moment(stored),
                "Source": _words(piece.get("dpv:hasIndicationMethod", "Only the date was kept")),
                "Who acted": _ACTORS[piece["actor"]],
                **level,
                "Text": piece.get("dct:description", "None"),
            }
        )
        yield "</li>"
    yield "</ol></section>"


def _listed(entries: Mapping[str, str]) -> Iterator[str]:
    yield "<dl>"
    yield from (f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in entries.items())
    yield "</dl>"


def _moment(moment: str) -> str:
    """``2024-06-01 12:00:00 UTC``, as a person reads it."""
    return moment.replace("T", " ").replace("Z", " UTC")


def _words(code: str) -> str:
    """A word of an enum as a person writes it."""
    return code.replace("_", " ").capitalize()


_DIRECTIONS: Final = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}"
)


def _text(text: str) -> str:
    """Text in the page; marks of direction, which could swap what stands around it, are shown."""
    return escape(text.translate(_DIRECTIONS))
