"""Processor, system and versions of a run, without names of hosts or folders."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = {
    "heatgrid": "heatgrid",
    "numpy": "numpy",
    "OpenCV": "opencv-python-headless",
    "rasterio": "rasterio",
    "pycocotools": "pycocotools",
    "datashader": "datashader",
    "spatialpandas": "spatialpandas",
    "exactextract": "exactextract",
}


def describe() -> list[str]:
    """Return one line each for the processor, the system and the packages."""
    versions = [f"{title} {version(name)}" for title, name in PACKAGES.items()]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = platform.python_implementation()
    return [
        f"{processor()}, {cores} cores",
        f"{platform.system()} {platform.machine()}, {python} {platform.python_version()}",
        ", ".join(versions),
    ]


def version(distribution: str) -> str:
    """Return the installed version of a package."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """Return the model of the processor, if the system reports it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
