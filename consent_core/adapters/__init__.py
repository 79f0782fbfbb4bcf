"""Repositories: in memory, and what the extras bring."""
