"""The tables of the adapter for DynamoDB."""

from typing import Any


def create_tables(client: Any, prefix: str = "consent_") -> None:
    """Create both, and wait until they are there."""
    pk = {"AttributeName": "pk", "KeyType": "HASH"}
    sequence = {"AttributeName": "sequence", "KeyType": "RANGE"}
    for table, keys in (("records", [pk]), ("events", [pk, sequence])):
        kinds = {"HASH": "S", "RANGE": "N"}
        client.create_table(
            TableName=prefix + table,
            KeySchema=keys,
            AttributeDefinitions=[
                {
                    "AttributeName": key["AttributeName"],
                    "AttributeType": kinds[key["KeyType"]],
                }
                for key in keys
            ],
            BillingMode="PAY_PER_REQUEST",
        )
    for table in ("records", "events"):
        client.get_waiter("table_exists").wait(TableName=prefix + table)
