"""`heatgrid.compat.supervisely` side by side with the real library: one script, only the import changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from heatgrid.compat.supervisely import Heatmap

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]

KINDS = ("Polyline", "Rectangle", "Bitmap", "Point", "Polygon")
COUNT = iter(range(10_000))


@pytest.fixture(scope="module")
def sly() -> Any:
    return pytest.importorskip("supervisely", reason="supervisely is not installed")


@pytest.fixture(scope="module")
def both(sly: Any) -> Callable[..., tuple[Any, Heatmap]]:
    """Return a function that makes both widgets of the same arguments."""
    from supervisely.app.widgets import Heatmap as Original

    assert sly.Annotation

    def make(**options: Any) -> tuple[Any, Heatmap]:
        return Original(widget_id=f"heatmap{next(COUNT)}", **options), Heatmap(**options)

    return make


def annotation(
    sly: Any, random: np.random.Generator, kind: str, size: tuple[int, int], labels: int = 3
) -> Any:
    """Return an annotation of an image (height, width) with random labels of one kind."""
    height, width = size

    def places(count: int) -> list[Any]:
        rows, columns = random.integers(0, height, count), random.integers(0, width, count)
        return [sly.PointLocation(int(r), int(c)) for r, c in zip(rows, columns, strict=True)]

    def geometry() -> Any:
        if kind == "Polyline":
            return sly.Polyline(places(int(random.integers(2, 7))))
        if kind == "Polygon":
            return sly.Polygon(places(int(random.integers(3, 7))))
        if kind == "Point":
            return sly.Point(int(random.integers(0, height)), int(random.integers(0, width)))
        if kind == "Rectangle":
            (top, bottom), (left, right) = (np.sort(random.integers(0, n, 2)).tolist() for n in size)
            return sly.Rectangle(top, left, bottom, right)
        return sly.Bitmap(random.random((height // 2, width // 2)) < 0.5, origin=sly.PointLocation(2, 3))

    known = sly.ObjClass(kind.lower(), getattr(sly, kind))
    return sly.Annotation(size, [sly.Label(geometry(), known) for _ in range(labels)])


def masks(widgets: tuple[Any, Heatmap], annotations: Any, name: str | None = None) -> tuple[Any, Any]:
    for widget in widgets:
        widget.set_heatmap_from_annotations(annotations, object_name=name)
    return widgets[0]._mask_data, widgets[1].heatmap_mask


@pytest.mark.parametrize("kind", KINDS[:4])
def test_labels_in_their_own_size(sly: Any, both: Any, kind: str) -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        size = (2 * int(random.integers(20, 60)), 2 * int(random.integers(20, 60)))
        annotations = [annotation(sly, random, kind, size) for _ in range(3)]
        theirs, ours = masks(both(), annotations)
        assert (theirs == ours).all()
        assert ours.sum() > 0


def test_polylines_of_any_size(sly: Any, both: Any) -> None:
    random = np.random.default_rng(2)
    for i in range(60):
        sizes = random.integers(20, 200, (3, 2)).tolist()
        annotations = [annotation(sly, random, "Polyline", tuple(size)) for size in sizes]
        displayed = {"width": int(random.integers(50, 150)), "height": int(random.integers(50, 150))}
        theirs, ours = masks(both(**(displayed if i % 2 else {})), annotations)
        assert theirs.shape == ours.shape
        assert (theirs == ours).all()


def test_polygons_differ_along_their_outlines(sly: Any, both: Any) -> None:
    """The original fills every pixel that the outline touches; heatgrid those whose center is inside."""
    import cv2

    random = np.random.default_rng(3)
    for _ in range(20):
        ann = annotation(sly, random, "Polygon", (80, 100), labels=1)
        theirs, ours = masks(both(), [ann])
        outline = np.zeros((80, 100), dtype=np.uint8)
        ring = ann.labels[0].geometry.exterior_np[:, ::-1].astype(np.int32)
        cv2.polylines(outline, [ring], isClosed=True, color=1, thickness=3)
        assert ((theirs == ours) | (outline > 0)).all()


def test_classes_and_json(sly: Any, both: Any) -> None:
    random = np.random.default_rng(4)
    annotations = [annotation(sly, random, kind, (60, 80)) for kind in ("Rectangle", "Bitmap")]
    theirs, ours = masks(both(), annotations, "bitmap")
    assert (theirs == ours).all()
    widget = Heatmap()
    widget.set_heatmap_from_annotations([one.to_json() for one in annotations], object_name="bitmap")
    assert (widget.heatmap_mask == ours).all()
    for name in ("Bitmap", "none"):
        for widget in both():
            with pytest.raises(ValueError, match="object_name"):
                widget.set_heatmap_from_annotations(annotations, object_name=name)
    for widget in both():
        with pytest.raises(ValueError, match="at least one"):
            widget.set_heatmap_from_annotations([])


@pytest.mark.parametrize(
    "options", [{}, {"width": 300}, {"height": 400, "colormap": 16}, {"vmin": -1, "vmax": 20}]
)
def test_members_of_the_base_widget(both: Any, options: dict[str, Any]) -> None:
    mask = np.arange(12.0).reshape(3, 4)
    original, ours = both(heatmap_mask=mask, **options)
    theirs, own = original.get_json_data(), ours.get_json_data()
    assert set(own) - set(theirs) == {"hide", "disabled", "loading"}
    assert set(theirs) <= set(own)
    assert {k: v for k, v in own.items() if k in theirs and not k.endswith("Url")} == {
        k: v for k, v in theirs.items() if not k.endswith("Url")
    }
    assert theirs["heatmapUrl"].partition(",")[0] == own["heatmapUrl"].partition(",")[0]
    assert original.get_json_state() == ours.get_json_state()
    for widget in (original, ours):
        widget.hide()
        widget.disable()
        assert (widget.is_hidden(), widget.is_disabled()) == (True, True)
        widget.show()
        widget.enable()
        assert (widget.is_hidden(), widget.is_disabled(), widget.loading) == (False, False, False)
        widget.loading = True
        assert widget.loading


def test_pictures_without_blur(both: Any) -> None:
    """The colors of whole levels are equal."""
    import base64
    import io

    from PIL import Image

    mask = np.arange(256.0).reshape(8, 32)
    pictures = []
    for widget in both(heatmap_mask=mask, blur_ksize=None):
        url = widget.get_json_data()["heatmapUrl"]
        with Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2]))) as image:
            pictures.append(np.asarray(image.convert("RGB")))
    assert (pictures[0] == pictures[1]).all()


def test_public_members_are_there_or_named(sly: Any) -> None:
    """Members of the original that are missing are those that the page of differences names."""
    from supervisely.app.widgets import Heatmap as Original

    assert sly.__name__ == "supervisely"
    missing = {name for name in dir(Original) if not name.startswith("_") and not hasattr(Heatmap, name)}
    assert missing == NAMED | {"loading"}  # an attribute of each widget
    assert Heatmap().loading is False


NAMED = {"Routes", "add_route", "get_route_path", "to_html", "update_data", "update_state"}
