"""Old names for heatgrid's own classes, one module a system, so that moving is a change of import."""
