"""What the page for writers of adapters says is so."""

import sqlite3
from typing import Any

import pytest

from consent_core.domain.errors import Conflict
from consent_core.testing import CLAUSES
from consent_core.testing.arrange import consent, creation, email, erasure_of, revision_of
from tests.docs.markdown import ROOT, blocks, prose

PAGE = ROOT / "docs" / "howto" / "write-an-adapter.md"


def test_the_commit_with_a_transaction_compares_what_it_reads() -> None:
    """It stores what holds, and refuses the rest wholly."""
    (program,) = [each for each in blocks(PAGE, "python") if "BEGIN IMMEDIATE" in each]
    names: dict[str, Any] = {}
    exec(compile(program, "<page>", "exec"), names)  # noqa: S102  # that is the test
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute(names["TABLE"])
    ada, bob = consent(email("ada")), consent(email("bob"))
    names["commit"](db, [creation(ada)])
    with pytest.raises(Conflict) as caught:
        names["commit"](db, [creation(bob), revision_of(ada, expected=7)])
    assert [each.identifier for each in caught.value.changes] == [ada.details]
    assert not db.in_transaction
    assert db.execute("SELECT COUNT(*) FROM documents").fetchone() == (1,)
    names["commit"](db, [creation(bob), erasure_of(ada)])
    assert db.execute("SELECT name FROM documents").fetchall() == [
        ("record:EMAIL:bob@example.com",)
    ]
    db.close()


def test_the_clauses_that_apply_are_counted() -> None:
    """Those of the outbox and those of callers who are cancelled do not apply to all."""
    skipped = [each for each in CLAUSES if each.relayed or each.awaited]
    text = " ".join(prose(PAGE).split())
    assert len(skipped) == 3
    assert f"keeps {len(CLAUSES) - len(skipped)} clauses, and three are skipped" in text
    assert f"keeps all {len(CLAUSES)}." in text
