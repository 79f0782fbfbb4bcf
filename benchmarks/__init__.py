"""What the library costs, compared in one run with what one would use instead."""
