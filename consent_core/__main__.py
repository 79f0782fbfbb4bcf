"""``python -m consent_core``."""

import sys

from consent_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
