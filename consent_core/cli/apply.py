"""``apply`` and ``check``: one upsert per line of a stream, one answer per line."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from consent_core.application.bulk import BulkAnswer, BulkItem
from consent_core.application.outcomes import Rejected
from consent_core.application.service import ConsentService
from consent_core.cli.ndjson import read_lines
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicQuestion
from consent_core.wire import Names, error_body, read_upsert, to_wire

Progress = Callable[[int], object]
"""Is called with the number of bytes that were read."""

_IN_PREVIEW: Final = ("result", "kept")


class Answer(NamedTuple):
    """What became of one line.

    Args:
        request: what the line asks for; None where the line is not a valid request.
        body: the answer as JSON.
    """

    request: Upsert | None
    body: dict[str, Any]


class Run:
    """One run over one stream.

    Args:
        service: applies the requests.
        names: the spelling of field names in the answers.
    """

    def __init__(self, service: ConsentService, names: Names) -> None:
        self._service = service
        self._policy, self._clock = service.use_cases.policy, service.use_cases.clock
        self._names = names
        # The lines of the chunk that is not stored yet, so memory does not grow with the stream.
        self._unanswered: deque[tuple[int, Upsert | None]] = deque()
        self.tally: Counter[str] = Counter()
        """How many lines had each result."""

    def apply(self, stream: BinaryIO, progress: Progress) -> Iterator[Answer]:
        """Apply every line as an upsert. Answers come in the order of the lines."""
        return map(self._answer, self._service.bulk_upsert(self._items(stream, progress)))

    def check(self, stream: BinaryIO, progress: Progress) -> Iterator[Answer]:
        """Check whether each line could be applied. Nothing is stored."""
        for item in self._items(stream, progress):
            yield self._answer(Rejected(item) if isinstance(item, InvalidConsent) else None)

    def preview(self, stream: BinaryIO, progress: Progress) -> Iterator[Answer]:
        """As ``check``, with the result that each line would have in the service's store."""
        for request, body in self.apply(stream, progress):
            if "error" not in body:
                result = {name: body[name] for name in _IN_PREVIEW}
                yield Answer(request, {"line": body["line"], "valid": True} | result)
            else:
                yield Answer(request, body)

    def _items(self, stream: BinaryIO, progress: Progress) -> Iterator[BulkItem]:
        for number, value in read_lines(stream, progress):
            item = value if isinstance(value, InvalidConsent) else self._request(value)
            self._unanswered.append((number, item if isinstance(item, Upsert) else None))
            yield item

    def _request(self, value: Any) -> BulkItem:
        try:
            return read_upsert(value, policy=self._policy, now=self._clock())
        except InvalidConsent as error:
            # A traceback would keep the whole line in memory until the chunk is stored.
            return error.with_traceback(None)

    def _answer(self, answer: BulkAnswer | None) -> Answer:
        """The answer to the oldest line that has none; ``answer`` is None if it is only valid."""
        number, request = self._unanswered.popleft()
        body: dict[str, Any] = {"line": number}
        if answer is None:
            self.tally["valid"] += 1
            body["valid"] = True
        elif isinstance(answer, Rejected):
            self.tally["rejected"] += 1
            body["error"] = error_body(answer.error)
        else:
            self.tally[answer.result.lower()] += 1
            signal = eligibility(
                answer.record,
                now=self._clock(),
                policy=self._policy,
                topic=TopicQuestion.NO_TOPIC_LEFT,
                tombstone=answer.tombstone,
            )
            body |= to_wire(answer, names=self._names)
            body["communicationEligibility"] = to_wire(signal, names=self._names)
        return Answer(request, body)


def summary(tally: Counter[str]) -> str:
    """How many lines had each result, e.g. ``3 lines: 2 created, 1 rejected``."""
    counts = ", ".join(f"{count} {word}" for word, count in tally.items()) or "nothing to do"
    lines = tally.total()
    return f"{lines} line{'' if lines == 1 else 's'}: {counts}"
