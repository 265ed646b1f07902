"""Copy the database and every file that its rows name, and restore them in an empty place."""
