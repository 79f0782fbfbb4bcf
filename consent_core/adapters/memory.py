"""Consents in memory.

It lives with the services, because it is what they use when they are given no repository.
"""

from consent_core.application.memory import AsyncMemoryRepository, MemoryRepository

__all__ = ["AsyncMemoryRepository", "MemoryRepository"]
