"""The use cases: what callers do with consents, over a repository that adapters bring."""
