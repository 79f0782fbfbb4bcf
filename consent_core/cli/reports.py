"""``report``: one delivery report per line of a stream, one answer per line."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from consent_core.application.service import ConsentService
from consent_core.cli.apply import Progress
from consent_core.cli.ndjson import read_lines
from consent_core.domain.delivery import DeliveryReport
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.reports import ReportOutcome
from consent_core.wire import Names, error_body, read_report, to_wire

_CHUNK: Final = 500
"""Lines that are stored together; memory does not grow with the stream."""


def report(
    service: ConsentService,
    stream: BinaryIO,
    progress: Progress,
    names: Names,
    tally: Counter[str],
) -> Iterator[dict[str, Any]]:
    """Store what every line says of an address. Answers come in the order of the lines.

    Args:
        service: has the store.
        stream: the bytes.
        progress: is called with the number of bytes that were read.
        names: the spelling of field names in the answers.
        tally: is told how many lines had each result.
    """
    lines = read_lines(stream, progress)
    while chunk := [(number, _read(value)) for number, value in islice(lines, _CHUNK)]:
        read = [each for _, each in chunk if isinstance(each, DeliveryReport)]
        outcomes = service.bulk_report(read)
        for number, each in chunk:
            answer = each if isinstance(each, InvalidConsent) else next(outcomes)
            tally["rejected" if isinstance(answer, InvalidConsent) else answer.result.lower()] += 1
            yield {"line": number} | _body(answer, names)


def _read(value: Any) -> DeliveryReport | InvalidConsent:
    if isinstance(value, InvalidConsent):
        return value
    try:
        return read_report(value)
    except InvalidConsent as error:
        # A traceback would keep the whole line in memory until the chunk is answered.
        return error.with_traceback(None)


def _body(answer: ReportOutcome | InvalidConsent, names: Names) -> dict[str, Any]:
    if isinstance(answer, InvalidConsent):
        return {"error": error_body(answer)}
    consent = None if answer.consent is None else to_wire(answer.consent, names=names)
    return {"result": answer.result.value, "marketingConsent": consent}
