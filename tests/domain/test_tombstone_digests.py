"""What a tombstone is found by (contract, section 10)."""

import pytest

from consent_core.domain.identifiers import Email
from consent_core.domain.tombstones import TombstoneKeys
from tests.domain.builders import ADA, LINE

KEY, OLDER = "k" * 32, b"o" * 32


def test_digests() -> None:
    """One for each secret, the same for every spelling of an address, another on every site."""
    keys = TombstoneKeys([KEY, OLDER], site="acme")
    first, second = keys.digests_of(Email("Ada@Example.org"))
    assert (first, second) == keys.digests_of(ADA)
    assert [first.key_number, second.key_number] == list(keys.numbers)
    assert (second,) == TombstoneKeys([OLDER], site="acme").digests_of(ADA)
    assert first not in TombstoneKeys([KEY]).digests_of(ADA)
    nowhere = TombstoneKeys([KEY], site="").digests_of(ADA)
    assert TombstoneKeys([KEY]).digests_of(ADA) == nowhere
    assert first not in keys.digests_of(LINE)
    assert len({first.digest, second.digest}) == 2
    assert all(len(each.digest) == 64 and len(each.key_number) == 8 for each in (first, second))


def test_a_digest_is_the_hmac_that_the_contract_names() -> None:
    """Computed in another way, so that what is stored is found by later versions, too."""
    # printf "EMAIL\0ada@example.org\0acme" | openssl dgst -sha256 -hmac $KEY
    (digest,) = TombstoneKeys([KEY], site="acme").digests_of(ADA)
    assert digest.digest == EXPECTED


EXPECTED = "78130678178cd51f5bac180d7e0abfc1328a00255078b6291956b8befc32aa40"


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ([], "the newest first"),
        (KEY, "the newest first"),
        ([KEY, "short"], r"32 bytes or more: secrets.token_urlsafe\(32\) makes one"),
    ],
)
def test_secrets_that_can_be_guessed_are_refused(keys: list[str], why: str) -> None:
    """The message says how to make one."""
    with pytest.raises(ValueError, match=f"tombstone_keys must .*{why}"):
        TombstoneKeys(keys)
