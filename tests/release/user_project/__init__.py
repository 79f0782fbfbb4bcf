"""A project of a user, never run: mypy and pyright read it against the installed package."""
