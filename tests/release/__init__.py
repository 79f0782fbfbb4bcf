"""Tests of what a release promises.

Old data stays readable, public names stay, a user's types hold.
"""
