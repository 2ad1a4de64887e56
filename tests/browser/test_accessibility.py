"""Accessibility of the pages, judged by axe-core."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from samples import write_coco

if TYPE_CHECKING:
    from browser.windows import Window, Windows
    from samples import Box

AXE = Path(os.environ.get("AXE_CORE", "build/axe/package/axe.min.js"))
"""The script: ``npm pack axe-core``, unpacked into build/axe."""

SERIOUS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, help, nodes }) => [id, help, ...nodes.slice(0, 3).map(({ html }) => html)]);
}"""


def serious(window: Window) -> list[Any]:
    """Return the faults of a page that axe-core calls serious or critical."""
    window.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = window.page.evaluate(SERIOUS)
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two splits with duplicates, shared classes, and an image without objects."""
    folder = tmp_path / "street"
    folder.mkdir()
    for split in ("train", "val"):
        boxes: list[Box] = [(i % 7, ("cat", "dog")[i % 2], (i, i, 20.0, 10.0)) for i in range(40)]
        write_coco(folder / f"{split}.json", [(100, 100)] * 8, [*boxes, boxes[0]])
    return folder


@pytest.mark.skipif(not AXE.exists(), reason=f"{AXE} is not there (npm pack axe-core)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("kind", ["page", "sizes", "overview", "errors"])
def test_no_serious_fault(  # noqa: PLR0917 - parameters and fixtures
    kind: str, width: int, scheme: str, source: Path, windows: Windows, tmp_path: Path
) -> None:
    shown: dict[str, Any] = {"size": (width, 900), "context": {"color_scheme": scheme}}
    if kind == "overview":
        hg.overview(source, 20, permutations=9).save(tmp_path / "a.html", thumbnails="images")
        window = windows.open_file(tmp_path / "a.html", **shown)
    elif kind == "errors":
        (batch,) = hg.read(source / "val.json")
        hg.evaluate(source / "train.json", batch.select(range(30))).save(tmp_path / "a.html")
        window = windows.open_file(tmp_path / "a.html", **shown)
    else:
        of: Any = "size" if kind == "sizes" else "place"
        lists = hg.annotations_by_cell(source, 20, of=of, limit=3)
        window = windows.open(hg.heatmaps(source, 20, of=of), annotations_by_cell=lists, cell=(2, 3), **shown)
    assert serious(window) == []
