"""Annotation formats, one module or package each."""
