"""Tests that nothing waits for somebody who has left."""
