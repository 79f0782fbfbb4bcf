"""Tests of consent_core."""
