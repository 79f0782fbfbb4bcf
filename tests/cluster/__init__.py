"""A cluster that is written to on every node. It is no part of the test run: see ``run.py``."""
