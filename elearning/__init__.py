"""Online learning: modules, their issued versions, and what people do in them."""
