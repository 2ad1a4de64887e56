"""The page of formats, which the site makes from the registry and the samples."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heatgrid.io import registry

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def hooks() -> Any:
    spec = spec_from_file_location("hooks", DOCS / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.peers
def test_the_page_has_every_format(hooks: Any) -> None:
    pytest.importorskip("pyogrio")  # the page counts each format's sample
    source = "reference/formats.md"
    page = SimpleNamespace(file=SimpleNamespace(src_uri=source))
    text = hooks.on_page_markdown((DOCS / source).read_text(), page=page)
    sections = text.split("\n## ")[1:]
    assert [part.split("{ #")[1].split(" }")[0] for part in sections] == sorted(registry.FORMATS)
    for part in sections:
        for fact in ("- Recognized by: ", "- Read: ", "- Sizes of images: ", "```text\n"):
            assert part.count(fact) == 1, part
    other = SimpleNamespace(file=SimpleNamespace(src_uri="index.md"))
    assert hooks.on_page_markdown("<!-- formats -->", page=other) == "<!-- formats -->"


def test_facts_are_those_of_the_samples(hooks: Any) -> None:
    assert hooks.kinds("sam") == ["boxes", "masks"]
    assert hooks.sizes("yolo") == "not needed, as coordinates are normalized"
    assert "size=" in hooks.sizes("dota")
    assert "the keys `imgHeight` and `imgWidth` and `objects`" in hooks.section("cityscapes")
