"""The command line: ``python -m consent_core``."""

from consent_core.cli.main import main

__all__ = ["main"]
