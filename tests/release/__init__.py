"""Tests of what a release promises: old data stays readable, public names stay, a user's types hold."""
