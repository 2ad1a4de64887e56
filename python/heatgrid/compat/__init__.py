"""Drop-in modules: heatgrid under the names of other systems, one module per system."""
