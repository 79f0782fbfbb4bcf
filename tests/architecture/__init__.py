"""Proofs about the code itself: floors, measures, purity, names and types."""
