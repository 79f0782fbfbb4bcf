"""The app in a real project: settings, SQLite files, PostgreSQL."""
