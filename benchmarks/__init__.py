"""Measure performance, with the method and a comparison beside each figure."""
