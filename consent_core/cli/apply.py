"""``apply`` and ``check``.

Consents from a stream of lines into a store, one answer for each line.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from consent_core.application.outcomes import Rejected
from consent_core.application.service import ConsentService
from consent_core.application.use_cases import BulkAnswer, BulkItem
from consent_core.cli.ndjson import read_lines
from consent_core.domain.eligibility import eligibility
from consent_core.domain.errors import InvalidConsent
from consent_core.wire import Names, error_body, read_upsert, to_wire

_PREVIEWED: Final = ("result", "kept")


class Run:
    """One run over a stream.

    Args:
        service: what the consents go into.
        names: the spelling of the answers.
    """

    def __init__(self, service: ConsentService, names: Names) -> None:
        self._service = service
        self._names = names
        self.tally: Counter[str] = Counter()

    def apply(
        self, stream: BinaryIO, progress: Callable[[int], object]
    ) -> Iterator[dict[str, Any]]:
        """Apply every line as an upsert and answer each in order, while memory stays flat."""
        numbers: deque[int] = deque()
        answers = self._service.bulk_upsert(self._items(stream, progress, numbers.append))
        return (self._told(numbers.popleft(), answer) for answer in answers)

    def check(
        self, stream: BinaryIO, progress: Callable[[int], object]
    ) -> Iterator[dict[str, Any]]:
        """Only tell whether every line could be applied."""
        numbers: deque[int] = deque()
        for item in self._items(stream, progress, numbers.append):
            if isinstance(item, InvalidConsent):
                yield self._told(numbers.popleft(), Rejected(item))
            else:
                self.tally["valid"] += 1
                yield {"line": numbers.popleft(), "valid": True}

    def preview(
        self, stream: BinaryIO, progress: Callable[[int], object]
    ) -> Iterator[dict[str, Any]]:
        """Tell whether every line could be applied, and what would become of it in the service's store."""
        for told in self.apply(stream, progress):
            yield (
                told
                if "error" in told
                else {"line": told["line"], "valid": True} | {n: told[n] for n in _PREVIEWED}
            )

    def _items(
        self,
        stream: BinaryIO,
        progress: Callable[[int], object],
        number_read: Callable[[int], object],
    ) -> Iterator[BulkItem]:
        use_cases = self._service.use_cases
        for number, value in read_lines(stream, progress):
            number_read(number)
            if isinstance(value, InvalidConsent):
                yield value
                continue
            try:
                yield read_upsert(value, policy=use_cases.policy, now=use_cases.clock())
            except InvalidConsent as error:
                # A traceback would hold the whole line for as long as the chunk waits to be stored.
                yield error.with_traceback(None)

    def _told(self, number: int, answer: BulkAnswer) -> dict[str, Any]:
        if isinstance(answer, Rejected):
            self.tally["rejected"] += 1
            return {"line": number, "error": error_body(answer.error)}
        self.tally[answer.result.lower()] += 1
        use_cases = self._service.use_cases
        signal = eligibility(answer.consent, now=use_cases.clock(), policy=use_cases.policy)
        told = {"line": number, **to_wire(answer, names=self._names)}
        return told | {"communicationEligibility": to_wire(signal, names=self._names)}


def summary(tally: Counter[str]) -> str:
    """What became of all lines, in one."""
    counts = ", ".join(f"{count} {word}" for word, count in tally.items()) or "nothing to do"
    lines = tally.total()
    return f"{lines} line{'' if lines == 1 else 's'}: {counts}"
