"""Commands of ``heatgrid``: `heatgrid.commands.cli` and one module per command.

The module of a command has ``add_parser(commands)``, which adds the command to argparse's subparsers and sets
two defaults of its parser: ``run`` (a function from the arguments to the exit code) and ``usage_error``.
To add a command, write its module and add its name to `heatgrid.commands.cli.COMMANDS`.
"""
