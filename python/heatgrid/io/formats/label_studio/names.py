"""Names of the images of Label Studio's tasks."""

from __future__ import annotations

from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from heatgrid.io import parse
from heatgrid.io.files import IMAGE_SUFFIXES

Target = tuple[str, int, int]
"""Name, index and frame that identify the image of a region in its task; -1 for no frame."""

_IMAGE_KEYS = ("image", "img", "image_url", "url", "ocr", "photo", "picture", "video")
_VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".avi", ".mkv")


def find_name(task: dict[str, Any], target: Target) -> str:
    """Return the file name of an image, or an empty string if the data of the task name none."""
    name = _find_file(task, target)
    return f"{name}/{target[2]:06d}" if name and target[2] >= 0 else name


def _find_file(task: dict[str, Any], target: Target) -> str:
    data = task.get("data")
    if data is None:
        data = parse.as_dict(task.get("task")).get("data")
    if not isinstance(data, dict):
        data = {key: value for key, value in task.items() if key != "id"}
    usual = (target[0], *_IMAGE_KEYS)
    for i, value in enumerate(chain(map(data.get, usual), data.values())):
        address = value[target[1]] if isinstance(value, list) and 0 <= target[1] < len(value) else value
        address = address.get("url") if isinstance(address, dict) else address
        name = _last_part(address) if isinstance(address, str) else ""
        if name and (i < len(usual) or name.lower().endswith(IMAGE_SUFFIXES + _VIDEO_SUFFIXES)):
            return name
    return ""


def _last_part(address: str) -> str:
    path, _, query = address.partition("?")
    if query:
        path = next((part[2:] for part in query.split("&") if part.startswith("d=")), "") or path
    if "%" in path:
        from urllib.parse import unquote

        path = unquote(path)
    path = path.replace("\\", "/")
    name = path.rpartition("/")[2]
    return name if name.strip(".") else PurePosixPath(path).name
