"""Tables of results in notebooks, and the names that packages show."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path


def street() -> hg.Heatmap:
    return hg.Heatmap(4).add_boxes([[0, 0, 0.5, 0.5], [0.2, 0.2, 0.9, 0.9]], labels=["<car>", "dog"])


def test_every_result_is_a_table_in_a_notebook() -> None:
    heat = street()
    other = hg.Heatmap(4).add_boxes([[0.5, 0.5, 1, 1]] * 2, labels=["<car>", "dog"])
    for result, text in (
        (heat.stats(), "<td>total</td>"),
        (heat.report, "<td>counted</td>"),
        (heat.layout(), "center bias"),
        (heat.cooccurrence(), "&lt;car&gt;"),
        (hg.compare(heat, other), "<td>&lt;car&gt;</td>"),
        (heat.table(), "share of objects"),
    ):
        html = result._repr_html_()
        assert "<table>" in html
        assert text in html
        assert "<car>" not in html
    assert "data:image/png;base64," in hg.compare(heat, other)._repr_html_()


@pytest.mark.parametrize(
    "name",
    ["", ".analysis", ".summary.comparison", ".distributed", ".live", ".viz", ".viz.page", ".io.objects"],
)
def test_packages_show_public_names_only(name: str) -> None:
    package = import_module(f"heatgrid{name}")
    assert dir(package) == sorted(package.__all__)
    assert not any(isinstance(vars(package).get(one), ModuleType) for one in dir(package))


def test_a_page_is_a_text() -> None:
    heat = street()
    page = heat.to_html(title="Street")
    assert page.startswith("<!doctype html>")
    assert "Street" in page


@pytest.mark.parametrize("options", [{}, {"count": "images"}, {"rule": "area"}, {"by_class": False}])
def test_json_files_are_loaded(options: dict[str, Any], tmp_path: Path) -> None:
    heat = hg.Heatmap((3, 4), **options)
    more: dict[str, Any] = {"images": np.array([7, 7])} if options.get("count") == "images" else {}
    labels = None if "by_class" in options else ["car", "dog"]
    heat.add_boxes([[0, 0, 0.5, 0.5], [0.2, 0.2, 0.9, 0.9]], labels=labels, **more)
    heat.save(tmp_path / "heat.json")
    back = hg.load(tmp_path / "heat.json")
    assert back == heat
    assert back.report == heat.report
    heat.save(tmp_path / "heat.json", by_class=False)
    assert np.array_equal(hg.load(tmp_path / "heat.json").counts, heat.counts)


@pytest.mark.parametrize("text", ["{", "{}", '{"format": "heatgrid"}', '{"counts": [[1, 2], [3]]}'])
def test_other_json_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(hg.FormatError, match=r"a\.json: not a map saved by heatgrid"):
        hg.load(tmp_path / "a.json")
