"""XML formats beside those of VOC and CVAT: corners, angles and parts of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from heatgrid.io.formats.fair1m import NOT_PIXELS
from heatgrid.io.formats.labelme_xml import MASK
from heatgrid.io.read import detect
from samples import DATA, read_all, read_one

if TYPE_CHECKING:
    from pathlib import Path


def test_hrsc_angles_are_radians() -> None:
    """After the files of HRSC2016; MMRotate reads mbox_ang as radians, too."""
    batch = read_one(DATA / "hrsc/valid/turned.xml")
    assert batch.polygons is not None
    corners = sorted(np.round(batch.polygons.coords, 9).tolist())
    assert corners == [[45, 20], [45, 80], [55, 20], [55, 80]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [Flag.TRUNCATED]


def test_fair1m_results_and_coordinates(tmp_path: Path) -> None:
    """After https://gaofen-challenge.com/benchmark; torchgeo's fair1m.py reads the same points and names.

    JDet's dota_to_fair.py writes results, with a probability. ``coordinate`` tells what the numbers are.
    """
    points = "".join(f"<point>{x}, {y}</point>" for x, y in ((1, 2), (5, 2), (5, 6), (1, 6), (1, 2)))
    result = "<possibleresult><name>Small Car</name><probability> 0.75 </probability></possibleresult>"
    objects = "".join(
        f"<object><coordinate>{kind}</coordinate>{result}<points>{points}</points></object>"
        for kind in ("pixel", "geographic")
    )
    path = tmp_path / "a.xml"
    path.write_text(f"<annotation><source/><objects>{objects}</objects></annotation>")
    assert detect(path) == "fair1m"
    batch = read_one(path)
    assert batch.scores is not None
    assert (batch.classes, batch.scores.tolist()) == (("Small Car",), [0.75])
    assert batch.polygons is not None
    assert batch.polygons.coords[:4].tolist() == [[1, 2], [5, 2], [5, 6], [1, 6]]
    assert batch.report.skipped == {NOT_PIXELS: 1}


def test_dior_rotated_corners(tmp_path: Path) -> None:
    """DIOR-R names the corners; its files are otherwise those of VOC."""
    names = ("left_top", "right_top", "right_bottom", "left_bottom")
    ring = [[50, 10], [90, 50], [50, 90], [10, 50]]
    corners = "".join(
        f"<x_{name}>{x}</x_{name}><y_{name}>{y}</y_{name}>" for name, (x, y) in zip(names, ring, strict=True)
    )
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation><size><width>100</width><height>100</height></size><object><type>robndbox</type>"
        f"<name>ship</name><robndbox>{corners}</robndbox></object></annotation>"
    )
    assert detect(path) == "voc"
    batch = read_one(path)
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == ring


def test_labelme_xml_segments_boxes_and_deleted_objects() -> None:
    path = DATA / "labelme_xml/valid/segment.xml"
    batch = read_one(path)
    assert batch.kinds.tolist() == [Kind.BOX, Kind.BOX, Kind.POLYGON]
    assert batch.boxes is not None
    assert batch.boxes[:2].tolist() == [[58, 66, 62, 68], [13, 19, 23, 30]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [Flag.OCCLUDED, 0, Flag.IGNORE]
    assert batch.report.notes == {MASK: 1}
    report = hg.heatmap(path, 10).report
    assert (report.counted, report.excluded) == (2, 1)


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        (
            "fair1m",
            {"coordinates are not a list of points": 1, "coordinate is not a number": 1, "no geometry": 1},
        ),
        ("hrsc", {"no mbox_cy": 1, "negative width or height": 1}),
        ("labelme_xml", {"coordinate is not a number": 1, "no geometry": 1, "no ymin": 1}),
    ],
)
def test_faults(name: str, skipped: dict[str, int]) -> None:
    _, report = read_all(DATA / name / "broken/objects.xml")
    assert report.skipped == skipped


def test_near_misses(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<annotation><object><name>a</name></object></annotation>")
    assert detect(path) == "voc"
    path.write_text("<HRSC><HRSC_Objects/></HRSC>")
    with pytest.raises(FormatError, match="XML with the root <HRSC>: unknown format"):
        detect(path)
