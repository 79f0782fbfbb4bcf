"""Tests of JSON in and out."""
