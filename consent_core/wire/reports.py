"""Reads delivery reports from untrusted mappings (contract, section 9)."""

from typing import Final

from consent_core.domain.delivery import DeliveryReport
from consent_core.wire.reading import Problems
from consent_core.wire.shapes import object_of

_REPORT: Final = object_of(DeliveryReport)


def read_report(data: object) -> DeliveryReport:
    """Read a delivery report, in any of the three spellings.

    Args:
        data: what a JSON reader gave: ``identifier`` as the ``details`` of a record, ``event``, and
            ``reportedDate`` and ``code`` where they are known.

    Raises:
        InvalidConsent: with every violation, its path in the caller's own spelling.
    """
    problems = Problems(data, "")
    report: DeliveryReport = _REPORT.read(data, "", problems)
    problems.raise_if_any()
    return report
