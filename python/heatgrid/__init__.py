"""Where in the image are the objects? Fast, exact count heat maps."""
