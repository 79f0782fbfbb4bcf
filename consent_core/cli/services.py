"""What a command works on: the service, or the store, that its arguments or the caller name."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import evolve

from consent_core.application.service import ConsentService
from consent_core.cli.arguments import POLICIES
from consent_core.cli.stores import Preview, open_repository, read_tombstone_keys


@contextmanager
def open_service(called: argparse.Namespace, *, preview: bool = False) -> Iterator[ConsentService]:
    """The service of a command.

    Args:
        called: the arguments.
        preview: whether nothing is to be stored.
    """
    given: ConsentService | None = called.service
    if given is not None:
        policy = given.use_cases.policy
        yield ConsentService(Preview(given.repository), policy=policy) if preview else given
        return
    keys = read_tombstone_keys(called.tombstone_keys)
    with open_repository(called.store, called.site) as repository:
        policy = evolve(POLICIES[called.policy](), topics=called.topics)
        store = Preview(repository) if preview else repository
        yield ConsentService(store, policy=policy, tombstone_keys=keys)


@contextmanager
def open_store(called: argparse.Namespace) -> Iterator[Any]:
    """The repository of a command that no policy decides."""
    if called.service is not None:
        yield called.service.repository
        return
    with open_repository(called.store, called.site) as repository:
        yield repository
