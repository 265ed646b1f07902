"""Room that shows what is held about whom, and erases what was kept long enough."""
