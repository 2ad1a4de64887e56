"""Coordinates of maps."""
