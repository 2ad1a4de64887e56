"""How fast heatgrid counts, beside its peers, in one run: ``python -m bench``."""
