"""A broken line is one error with its number, and the rest goes on (design, section 7)."""

import json
from pathlib import Path

import pytest

from consent_core.cli.ndjson import MAX_LINE
from tests.cli.process import Console, body, codes, described, line, process

GOOD = line(body())
DEEP = 100_000

BROKEN: dict[str, tuple[bytes, str, str]] = {
    "text": (b"hello", "INVALID_JSON", "not JSON: Expecting value at column 1"),
    "half an object": (b'{"state":', "INVALID_JSON", "not JSON: Expecting value at column 10"),
    "two values": (b"{} {}", "INVALID_JSON", "not JSON: Extra data at column 4"),
    "single quotes": (b"{'state': 1}", "INVALID_JSON", "at column 2"),
    "a trailing comma": (b'{"state": 1,}', "INVALID_JSON", "at column 1"),
    "a control character": (
        b'"\x01"',
        "INVALID_JSON",
        "not JSON: Invalid control character at column 2",
    ),
    "indented": (b'   {"state": x}', "INVALID_JSON", "not JSON: Expecting value at column 14"),
    "no UTF-8": (b'{"state": "\xff"}', "INVALID_JSON", "not UTF-8 at byte 12"),
    "indented, no UTF-8": (b'  "\xff"', "INVALID_JSON", "not UTF-8 at byte 4"),
    "Latin-1": ('"jürgen"'.encode("latin-1"), "INVALID_JSON", "not UTF-8 at byte 3"),
    "UTF-16": ("{}".encode("utf-16-le"), "INVALID_JSON", "not JSON"),
    "a surrogate in UTF-8": (b'"\xed\xa0\x80"', "INVALID_JSON", "not UTF-8"),
    "the same field twice": (
        b'{"state": "PENDING", "state": "PENDING"}',
        "INVALID_JSON",
        "the same field twice",
    ),
    "twice inside": (
        b'{"details": {"type": 1, "type": 1}}',
        "INVALID_JSON",
        "the same field twice",
    ),
    "NaN": (b'{"state": NaN}', "INVALID_JSON", "NaN and Infinity are not JSON"),
    "Infinity": (b'{"state": -Infinity}', "INVALID_JSON", "NaN and Infinity are not JSON"),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, "INVALID_JSON", "nested too deep"),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "INVALID_JSON", "nested too deep"),
    "deep and unfinished": (b"[" * (MAX_LINE - 1), "INVALID_JSON", "nested too deep"),
    "a huge integer": (b'{"state": ' + b"1" * 5_000 + b"}", "INVALID_JSON", "a number is too long"),
    "a number": (b"42", "WRONG_TYPE", "must be an object, not a number"),
    "an array": (b"[{}]", "WRONG_TYPE", "must be an object, not an array"),
    "a string": (b'"x"', "WRONG_TYPE", "must be an object, not a string"),
    "true": (b"true", "WRONG_TYPE", "must be an object, not a boolean"),
    "null": (b"null", "WRONG_TYPE", "must be an object, not null"),
    "ten million bytes": (b"x" * 10_000_000, "TOO_LONG", f"at most {MAX_LINE} bytes"),
    "one byte too many": (b" " * (MAX_LINE - 1) + b"{}", "TOO_LONG", f"at most {MAX_LINE} bytes"),
    "many bytes of spaces": (b" " * (3 * MAX_LINE), "TOO_LONG", f"at most {MAX_LINE} bytes"),
}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_is_one_error(console: Console, kind: str, ending: bytes) -> None:
    """Design 7: ``{"line", "error"}`` with the error body of the contract.

    The lines around it are applied.
    """
    text, code, words = BROKEN[kind]
    ran = console("apply", "-", stdin=GOOD + text + ending + GOOD)
    assert ran.status == 1
    assert [answer["line"] for answer in ran.answers] == [1, 2, 3]
    assert [answer.get("result") for answer in ran.answers] == ["CREATED", None, "UNCHANGED"]
    assert set(ran.answers[1]) == {"line", "error"}
    ((_, found),) = codes(ran.answers[1])
    assert found == code
    assert words in described(ran.answers[1])


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_last_line(console: Console, kind: str) -> None:
    """Design 7: the same at the end of a stream without a last newline."""
    text, code, _ = BROKEN[kind]
    ran = console("check", "-", stdin=GOOD + text)
    assert [answer["line"] for answer in ran.answers] == [1, 2]
    assert {found for _, found in codes(ran.answers[1])} == {code}


def test_the_fields_of_errors_about_lines(console: Console) -> None:
    """Section 2: what is wrong with a whole line has the same field, whoever noticed it."""
    answers = console("check", "-", stdin=b"42\nx\n" + b"x" * (MAX_LINE + 1)).answers
    assert {field for answer in answers for field, _ in codes(answer)} == {"request"}


def test_a_line_of_exactly_the_limit(console: Console) -> None:
    """Rule 9: a line may have as many bytes as the limit says, with its ending besides."""
    for ending in (b"", b"\n"):
        padded = GOOD.strip().rjust(MAX_LINE)
        assert len(padded) == MAX_LINE
        assert console("check", "-", stdin=padded + ending).answers == [{"line": 1, "valid": True}]


def test_blank_lines_count_but_are_not_answered(console: Console) -> None:
    """Design 7: blank lines are passed over; every other line keeps its own number."""
    ran = console("check", "-", stdin=b"\n  \n\r\n\t\n" + GOOD + b"\n" + GOOD + b"\n \n")
    assert ran.answers == [{"line": 5, "valid": True}, {"line": 7, "valid": True}]
    assert ran.errors == "2 lines: 2 valid\n"


@pytest.mark.parametrize("stream", [b"", b"\n", b"\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_to_do(console: Console, stream: bytes) -> None:
    """Design 7: a stream without requests is no mistake."""
    ran = console("apply", "-", stdin=stream)
    assert (ran.status, ran.answers, ran.errors) == (0, [], "0 lines: nothing to do\n")


def test_a_byte_order_mark_is_taken_at_the_start_only(console: Console) -> None:
    """Design 7: files that begin with a byte order mark, as some editors write them, are read.

    Inside it is broken.
    """
    bom = b"\xef\xbb\xbf"
    answers = console("check", "-", stdin=bom + GOOD + bom + GOOD).answers
    assert answers[0] == {"line": 1, "valid": True}
    assert codes(answers[1]) == {("request", "INVALID_JSON")}


def test_line_ends_of_other_alphabets_end_no_line(console: Console) -> None:
    """Design 7: one request per line, and only LF ends one.

    U+2028, U+0085 and a lone CR are text or space.
    """
    described_as = "a\u2028b\u2029c\u0085d"
    activity = {"description": described_as}
    text = json.dumps(
        body("CONFIRMED", lastConfirmationActivity=activity), ensure_ascii=False
    ).encode()
    ran = console("apply", "-", stdin=text.replace(b", ", b",\r") + b"\r\n" + GOOD)
    assert [answer["line"] for answer in ran.answers] == [1, 2]
    assert (
        ran.answers[0]["marketingConsent"]["lastConfirmationActivity"]["description"]
        == described_as
    )


@pytest.mark.smoke
def test_a_file_of_all_that_is_broken(tmp_path: Path) -> None:
    """Design 7, in a process of its own.

    Exit status 1, one answer for each line, and nothing else.
    """
    path = tmp_path / "broken.ndjson"
    path.write_bytes(b"\n".join(text for text, _, _ in BROKEN.values()) + b"\n" + GOOD)
    ran = process("apply", str(path))
    assert ran.status == 1
    assert [answer["line"] for answer in ran.answers] == [*range(1, len(BROKEN) + 2)]
    assert "Traceback" not in ran.errors
    assert ran.errors == f"{len(BROKEN) + 1} lines: {len(BROKEN)} rejected, 1 created\n"
