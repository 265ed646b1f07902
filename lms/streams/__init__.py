"""Streams of blocks that editors write: compared, and laid on top of one another."""
