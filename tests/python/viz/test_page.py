"""Page: a single file without network access or unescaped text."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.viz import page as viewer
from heatgrid.viz.page import page
from heatgrid.viz.page.parts import parts

EVIL = "</script><script>alert(1)</script><!-- \u2028 \" ' &"


class Parts(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.elements:
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = (tag, attributes, text + data)

    def text(self, tag: str, **attributes: str) -> str:
        (found,) = [t for n, a, t in self.elements if n == tag and attributes.items() <= a.items()]
        return found


def example() -> hg.Heatmap:
    heat = hg.Heatmap((3, 4), ("car", EVIL))
    return heat.add_boxes([[0, 0, 0.5, 0.5], [0.2, 0.1, 0.9, 0.95]], labels=[0, 1])


def meta_of(text: str) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads(Parts(text).text("script", id="heatgrid-meta"))
    return meta


def data_of(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(Parts(text).text("script", id="heatgrid-data")))


def plane(text: str, number: int) -> list[float]:
    place = meta_of(text)["planes"][number]
    values = np.frombuffer(data_of(text), f"<{place['type']}", place["length"], place["start"])
    return [float(value) for value in values]


def test_names_and_titles_are_escaped() -> None:
    text = page(example(), title=EVIL, subtitle=EVIL)
    parts = Parts(text)
    assert [name for name, _, _ in parts.elements].count("script") == 3
    assert parts.text("title") == EVIL.replace("\u2028", r"\u2028")
    assert meta_of(text)["classes"] == ["car", EVIL]
    assert "alert(1)</script>" not in text


def test_policy_allows_only_own_script_and_style() -> None:
    parts = Parts(page(example()))
    policy = next(a["content"] or "" for _, a, _ in parts.elements if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; img-src data:; ")
    for text in (parts.text("script", type="module"), parts.text("style")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r"https?://(?!www\.w3\.org)|unsafe|\*", policy)


ENTRIES = ("overview", "errors", "browser")
"""Modules that begin a page; the viewer's own are among those of all."""


@pytest.mark.parametrize("entry", ENTRIES)
def test_front_end_has_no_addresses_and_no_html_text(entry: str) -> None:
    script = viewer.script(entry)
    assert not re.search(
        r"https?://(?!www\.w3\.org/2000/svg)|\bfetch\(|import\(|innerHTML|insertAdjacentHTML|\beval\(|document\.write",
        script,
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_modules_follow_their_imports_and_share_no_names(entry: str) -> None:
    names: list[str] = []
    modules = viewer.in_order(entry)
    for place, module in enumerate(modules):
        assert set(viewer.imports(module)) <= set(modules[:place])
        names += re.findall(
            r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)",
            viewer.module(module),
            re.MULTILINE,
        )
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    assert not re.search(r"^(import|export) ", viewer.script(entry), re.MULTILINE)


def test_every_module_belongs_to_a_page() -> None:
    files = [Path(name) for name in parts() if name.startswith("front/")]
    modules = {name for entry in ENTRIES for name in viewer.in_order(entry)}
    assert modules == {path.stem for path in files if path.suffix == ".js"} | {"tables", "client"}


def test_planes_are_exact_in_the_smallest_type() -> None:
    heat = hg.Heatmap((1, 3), ("a", "b", "c", "d", "none"))
    values = [[0, 1, 255], [0, 256, 65535], [-1, 127, 0], [0, 2**40, 3], [0, 0, 0]]
    heat.fill(np.array(values, dtype=np.int64).reshape(5, 1, 3))
    text = page(heat)
    planes = meta_of(text)["planes"]
    assert [entry["type"] for entry in planes] == ["u1", "u2", "i1", "f8"]
    assert [entry["class"] for entry in planes] == [0, 1, 2, 3]
    assert [plane(text, i) for i in range(4)] == values[:4]


def test_maps_by_split_share_their_classes() -> None:
    one, two = hg.Heatmap(2, ("a", "b")), hg.Heatmap(2, ("b", "c"))
    one.add_points([[0.1, 0.1]], labels=[1])
    two.add_points([[0.9, 0.9], [0.1, 0.9]], labels=[0, 1])
    meta = meta_of(page({"train": one, None: two}))
    assert meta["splits"] == ["train", "no split"]
    assert meta["classes"] == ["a", "b", "c"]
    assert [(entry["split"], entry["class"]) for entry in meta["planes"]] == [(0, 1), (1, 1), (1, 2)]
    assert meta["subtitle"] == "3 objects · 2 classes, 1 without annotations · 2 splits · 2 by 2 cells"


def test_image_counts_have_a_plane_of_all_classes() -> None:
    heat = hg.Heatmap(2, ("a", "b"), count="images")
    heat.add_points([[0.1, 0.1], [0.1, 0.1]], labels=[0, 1], images=[0, 0])
    meta = meta_of(page(heat))
    assert meta["has_union"]
    assert [entry["class"] for entry in meta["planes"]] == [None, 0, 1]
    assert meta["notes"] == ["an object hits the cells whose center it covers", "an image counts once"]


def test_empty_map_and_array_have_a_page() -> None:
    assert meta_of(page(hg.Heatmap(3, ())))["planes"] == []
    meta = meta_of(page(np.array([[1.5, np.nan]])))
    assert (meta["title"], meta["subtitle"], meta["notes"]) == ("", "1 by 2 cells", [])


def test_page_is_saved_by_suffix_or_format(tmp_path: Path) -> None:
    example().save(tmp_path / "x.html", title="T", scale="log")
    meta = meta_of((tmp_path / "x.html").read_text("utf-8"))
    assert meta["title"] == "T"
    assert meta["settings"]["scale"] == "log"
    stream = io.BytesIO()
    hg.save_page(example(), stream)
    assert stream.getvalue().startswith(b"<!doctype html>")
    with pytest.raises(ValueError, match="known are"):
        hg.save_page(example(), tmp_path / "x.png")


def test_unpaired_surrogates_in_names_are_replaced() -> None:
    heat = hg.Heatmap(2, ("\ud800",)).add_points([[0.1, 0.1]], labels=[0])
    stream = io.BytesIO()
    heat.save(stream, format="html", title="\ud800")
    assert stream.getvalue().decode("utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"opacity": 2}, "opacity must be a number from 0 to 1, got 2"),
        ({"opacity": True}, "opacity must be a number"),
        ({"scale": "cubic"}, "scale must be one of 'linear', 'log'"),
        ({"zero": "white"}, "zero must be one of 'color', 'transparent'"),
        ({"gamma": 0}, "gamma must be"),
        ({"blur": -1}, "blur must be"),
        ({"vmin": float("nan")}, "vmin must be finite"),
        ({"vmin": 3, "vmax": 1}, "vmin must not be greater than vmax"),
        ({"percentiles": (90, 10)}, "percentiles must be two rising numbers"),
        ({"classes": ["bus"]}, "classes must be among 'car'"),
        ({"splits": "valid"}, "splits must be among"),
        ({"difference": ("car", "bus")}, "difference must be two splits or two classes"),
        ({"cell": (3, 0)}, r"cell must be a row and a column of a \(3, 4\) grid"),
        ({"region": (0, 0, 0, 1)}, "region must be top, left, bottom, right"),
        ({"aspect": 100}, "aspect must be in"),
        ({"width": 3}, "width must be in"),
        ({"colormap": "nope"}, "colormap must be one of 'heat', .* and 15 more, got 'nope'"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        page(example(), **options)


def test_unknown_options_and_maps_are_refused() -> None:
    with pytest.raises(TypeError, match="colour is not an option of the viewer; these are opacity"):
        page(example(), colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="maps must be a Heatmap"):
        page({"a": [[1, 2]]})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="at least one map"):
        page({})
    with pytest.raises(ValueError, match="grid"):
        page({"a": hg.Heatmap(3), "b": hg.Heatmap(4)})
    with pytest.raises(ValueError, match="finite or NaN"):
        page(np.array([[np.inf]]))
    with pytest.raises(ValueError, match=r"\(rows, columns\)"):
        page(np.zeros((2, 2, 2)))
    with pytest.raises(TypeError, match="real numbers"):
        page(np.array([["a"]]))
    with pytest.raises(TypeError, match=r"^maps must not be a masked array"):
        page(np.ma.masked_array(np.ones((2, 2)), mask=True))
