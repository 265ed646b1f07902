"""Begin, continue and finish a module; answer its check."""
