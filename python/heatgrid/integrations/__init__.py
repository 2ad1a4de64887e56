"""Extensions of other applications, one package per application, which load them; heatgrid imports none."""
