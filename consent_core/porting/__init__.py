"""What writers of adapters need: pages, keys to sort by, conflicts, and errors of drivers.

All of it is optional: an adapter may answer the port in any way. The adapters of this library use
it, too (docs/howto/write-an-adapter.md).
"""

from consent_core.application.addresses import AddressPage, AddressReader, AsyncAddressReader
from consent_core.application.drivers import drive, drive_async
from consent_core.porting.changes import conflict_among, keys_of, name_of
from consent_core.porting.errors import DriverErrors, code_of, constraint_of
from consent_core.porting.pages import (
    Scan,
    Steps,
    identifiers_of,
    moment_key,
    order_key,
    order_keys,
    page_of,
    page_of_scan,
    page_of_scan_async,
    plan_page,
)
from consent_core.porting.planned import (
    AsyncPlannedRepository,
    PlannedRepository,
    RepositoryPlans,
)

__all__ = [
    "AddressPage",
    "AddressReader",
    "AsyncAddressReader",
    "AsyncPlannedRepository",
    "DriverErrors",
    "PlannedRepository",
    "RepositoryPlans",
    "Scan",
    "Steps",
    "code_of",
    "conflict_among",
    "constraint_of",
    "drive",
    "drive_async",
    "identifiers_of",
    "keys_of",
    "moment_key",
    "name_of",
    "order_key",
    "order_keys",
    "page_of",
    "page_of_scan",
    "page_of_scan_async",
    "plan_page",
]
