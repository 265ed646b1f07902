"""Site search over public content: each room registers what of its own can be found."""
