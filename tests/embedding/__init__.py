"""The types and apps that embed the library in a framework."""
