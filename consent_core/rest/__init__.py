"""The nine routes as a function from request to response.

No server, no framework (contract, section 2).
"""

from consent_core.rest.handling import TRUSTED, Request, Response, Trusted, handle, handle_async
from consent_core.rest.openapi import openapi

__all__ = ["TRUSTED", "Request", "Response", "Trusted", "handle", "handle_async", "openapi"]
