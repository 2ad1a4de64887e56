"""Input and output: annotations in, maps out."""
