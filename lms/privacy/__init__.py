"""Registry of personal data: what every field holds about whom, how long, and what erasing does."""
