"""An attack by random stories through all doors of the services, judged by a ledger of what people
really did.
"""
