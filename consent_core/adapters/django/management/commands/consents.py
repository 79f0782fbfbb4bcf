"""``manage.py consents``: the command line, on the project's own service."""

import argparse
import sys
from functools import partial
from typing import Any

from django.core.management import BaseCommand

from consent_core.adapters.django.conf import get_service
from consent_core.adapters.django.identifiers import spelled
from consent_core.cli.main import main
from consent_core.domain.vocabulary import Channel


class Command(BaseCommand):
    """Runs a command of ``python -m consent_core`` with the store and policy of the settings."""

    help = "Applies, checks, exports and looks up consents; see consents -- --help."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """As ``BaseCommand.add_arguments``."""
        parser.add_argument(
            "words", nargs=argparse.REMAINDER, metavar="...", help="a command, and its arguments"
        )

    def handle(self, *_: Any, words: list[str], **__: Any) -> None:
        """As ``BaseCommand.handle``; a status other than 0 ends the process with it."""
        words = words[words[:1] == ["--"] :]
        status = main(
            words,
            service=get_service(),
            prog="manage.py consents",
            spelled=partial(spelled, Channel.PHONE),
        )
        if status:
            sys.exit(status)
