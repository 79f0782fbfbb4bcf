"""Tests of the adapters that come with the library."""
