"""Geometries and map coordinates."""
