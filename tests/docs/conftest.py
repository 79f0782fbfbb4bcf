"""Programs on pages may import the files of examples."""

import sys

from tests.docs.reference.clauses import EXAMPLES

sys.path.append(str(EXAMPLES))
