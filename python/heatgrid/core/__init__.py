"""Counting: arrays and shapes in, counts out."""
