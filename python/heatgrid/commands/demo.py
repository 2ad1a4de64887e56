"""``heatgrid demo``: make a small example, count it and draw it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import whole
from heatgrid.commands.terminal import DONE, print_stats

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "demo",
        help="make a small example, count it and draw it",
        description="Make up a small data set of street scenes, count it, and draw it.",
    )
    parser.add_argument("-o", "--output", default="heatgrid-demo", metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--images", type=whole(1), default=800, metavar="N", help="number of images (default: 800)"
    )
    parser.add_argument("--seed", type=whole(0), default=7, help="equal seeds make equal examples")
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(arguments: argparse.Namespace) -> int:
    from heatgrid.commands.scenes import write_demo
    from heatgrid.datasets import heatmap

    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    annotations = folder / "annotations.json"
    picture = folder / "heatmap.png"
    write_demo(annotations, images=arguments.images, seed=arguments.seed)
    heat = heatmap(annotations)
    heat.save(picture, title="Where are the objects? Made-up street scenes")
    heat.save(folder / "heatmap.npz")
    print(f"$ heatgrid map {annotations} -o {picture}")
    print_stats(heat)
    print(f"wrote {picture.resolve()}")
    return DONE
