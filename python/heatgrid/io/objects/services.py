"""Answers of services: dicts, or objects that convert themselves to dicts.

- Roboflow's API returns dicts of predictions (https://docs.roboflow.com/deploy/serverless/object-detection);
  Inference and the client ``roboflow`` return objects of the same content.
- Label Studio has tasks with annotations, and results, which are lists of regions
  (https://labelstud.io/guide/export).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heatgrid.io.formats.label_studio import DOCUMENTS as TASKS
from heatgrid.io.formats.roboflow import DOCUMENTS as PREDICTIONS
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.batch import Overrides


def _as_dict(value: Any) -> Mapping[str, Any] | None:
    """Return a dict, or the dict of a pydantic model or of another object that converts itself."""
    if isinstance(value, Mapping):
        return value
    for name in ("model_dump", "dict"):
        if callable(convert := getattr(value, name, None)):
            found = convert(by_alias=True, exclude_none=True)
            return found if isinstance(found, Mapping) else None
    found = value.json() if callable(getattr(value, "json", None)) else None
    return found if isinstance(found, Mapping) else None


def _refuse(overrides: Overrides, names: tuple[str, ...], what: str) -> None:
    for name in names:
        if getattr(overrides, name) is not None:
            raise TypeError(f"{name} must not be given with {what}, which have their own")


# Roboflow


def is_roboflow(value: Any) -> bool:
    """Return whether an object has predictions and their image."""
    if isinstance(value, Mapping):
        return "image" in value and isinstance(value.get("predictions"), list)
    return isinstance(getattr(value, "predictions", None), list) and _as_dict(value) is not None


def from_roboflow(value: Any, overrides: Overrides) -> Annotations:
    """Return the predictions for one image."""
    _refuse(overrides, ("labels", "classes"), "predictions of Roboflow")
    record = dict(_as_dict(value) or {})
    if isinstance(overrides.images, str):
        record["image"] = {**(record.get("image") or {}), "name": overrides.images}
    return PREDICTIONS.convert([("", record)], "predictions", ReadOptions(size=overrides.size))


# Label Studio


def _is_region(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("value"), Mapping) and "type" in value


def is_label_studio(value: Any) -> bool:
    """Return whether an object is a task, an annotation or a prediction, or a list of regions."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_region, value))
    if isinstance(value, Mapping):
        annotations = value.get("annotations")
        is_task = "data" in value and isinstance(annotations, list)
        return is_task or (isinstance(value.get("result"), list) and all(map(_is_region, value["result"])))
    return isinstance(getattr(value, "result", None), list) and _as_dict(value) is not None


def from_label_studio(value: Any, overrides: Overrides) -> Annotations:
    """Return the regions of one image, normalized."""
    _refuse(overrides, ("labels", "classes"), "results of Label Studio")
    task: dict[str, Any] = (
        {"result": list(value)} if isinstance(value, (list, tuple)) else dict(_as_dict(value) or {})
    )
    if isinstance(overrides.images, str):
        task["data"] = {"image": overrides.images}
    elif "data" not in task:
        task["data"] = {"image": "image"}
    batch = TASKS.convert([task], "results", ReadOptions(size=overrides.size))
    if not isinstance(overrides.images, str):
        return batch
    return replace(batch, image_names=(overrides.images,) * len(batch.image_names))
