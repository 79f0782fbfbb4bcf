"""What the benchmarks compare the library with does the same work."""
