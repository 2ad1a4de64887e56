"""Commands of ``heatgrid``, and `heatgrid.commands.cli`, which runs them.

To add a command NAME, add it to `heatgrid.commands.cli.COMMANDS` and write ``add_NAME(commands)``, which adds
it to argparse's subparsers and sets two defaults of its parser: ``run``, a function from the arguments to the
exit code, and ``parser``, the parser itself; `heatgrid.commands.options.add_command` does both.
"""
