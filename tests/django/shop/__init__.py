"""An application with customers, as a user of the library has one."""
