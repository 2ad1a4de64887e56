"""``heatgrid video``: frames, detections, zones, videos with sound, and errors."""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.commands.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SIZE = (64, 48)
FRAMES = 12


def mot_rows(path: Path, frames: int = FRAMES) -> Path:
    """Write a track that moves to the right, 4 pixels per frame, and one that does not move."""
    moving = [f"{i + 1},1,{4 * i},10,8,16,0.9,-1,-1,-1\n" for i in range(frames)]
    still = [f"{i + 1},2,50,30,6,6,0.3,-1,-1,-1\n" for i in range(frames)]
    path.write_text("".join(moving + still))
    return path


@pytest.fixture
def detections(tmp_path: Path) -> Path:
    return mot_rows(tmp_path / "det.txt")


def run(*arguments: Any) -> int:
    return main(["video", *map(str, arguments)])


def frames_of(folder: Path) -> list[np.ndarray]:
    return [np.asarray(Image.open(path)) for path in sorted(folder.iterdir())]


def write_video(
    av: Any,
    path: Path,
    pictures: list[np.ndarray],
    matrix: tuple[int, int, int, int] = (1, 0, 0, 1),
    sound: str = "",
) -> None:
    """Write images, ten per second, and a tone; an MP4's display matrix is written into its header."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        track = container.add_stream(sound, rate=48000) if sound else None
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
        if track is not None:
            for begin in range(0, 4800 * len(pictures), 960):
                wave = (8000 * np.sin(np.arange(begin, begin + 960) / 20)).astype(np.int16)
                tone = av.AudioFrame.from_ndarray(
                    np.stack([wave, wave], axis=1).reshape(1, -1), layout="stereo"
                )
                tone.sample_rate, tone.pts = 48000, begin
                container.mux(track.encode(tone))
            container.mux(track.encode())
    if matrix != (1, 0, 0, 1):
        data = bytearray(path.read_bytes())
        a, b, c, d = (side << 16 for side in matrix)
        place = data.index(b"tkhd") + 44
        data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
        path.write_bytes(data)


def kinds_of_packets(av: Any, path: Path) -> list[str]:
    """Return the type of each packet, video or audio, in file order."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.dts is not None]
        return [packet.stream.type for packet in sorted(packets, key=lambda packet: packet.pos)]


def sound_of(av: Any, path: Path) -> list[tuple[float, bytes]]:
    """Return the audio packets of a video with their times."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.dts is not None]
        return [
            (round(float(packet.pts * packet.time_base), 3), bytes(packet))
            for packet in packets
            if packet.stream.type == "audio"
        ]


def test_black_frames_to_images(detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run("--size", "64x48", "--detections", detections, "-o", out, "--cell", "1") == 0
    drawn = frames_of(out)
    assert len(drawn) == FRAMES
    live = hg.LiveHeatmap(size=SIZE, cell=1, channels="rgb")
    for i, picture in enumerate(drawn):
        live.update([[4 * i, 10, 4 * i + 8, 26], [50, 30, 56, 36]])
        assert (live.draw(np.zeros((48, 64, 3), np.uint8)) == picture).all()
    told = capsys.readouterr()
    assert "12 frames, 24 of 24 detections counted" in told.out
    assert f"wrote {out}" in told.out


def test_images_keep_their_names_and_order(tmp_path: Path) -> None:
    images = tmp_path / "img1"
    images.mkdir()
    for i in (1, 2, 10):
        Image.new("RGB", SIZE, (i, 0, 0)).save(images / f"img{i}.png")
    lines = [{"image": "img10.jpg", "xyxy": [[0, 0, 64, 48]]}, {"frame": 1, "xyxy": []}]
    found = tmp_path / "found.jsonl"
    found.write_text("\n".join(map(json.dumps, lines)))
    out = tmp_path / "out"
    assert run(images, "--detections", found, "-o", out, "--stamp", "box") == 0
    assert sorted(path.name for path in out.iterdir()) == ["img1.png", "img10.png", "img2.png"]
    reds = {path.stem: np.asarray(Image.open(path))[24, 32].tolist() for path in out.iterdir()}
    assert reds["img1"] == [1, 0, 0]
    assert reds["img2"] == [2, 0, 0]
    assert reds["img10"] != [10, 0, 0]


def test_zones_and_maps(detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    npz, png = tmp_path / "heat.npz", tmp_path / "heat.png"
    zones = ["--line", "20,48,20,0", "--region", "30,0,64,0,64,48,30,48"]
    black = ["--size", "64x48", "--detections", detections]
    assert run(*black, *zones, "--map", npz, "--json", "--decay", "1", "--stamp", "point", "--cell", 1) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["frames"] == FRAMES
    line, region = told["zones"]
    assert (line["entered"], line["left"]) == ({"(none)": 1}, {})
    assert (region["inside"], region["entered"]) == ({"(none)": 2}, {"(none)": 2})
    assert region["dwell"]["(none)"] == pytest.approx(15 / 30)
    heat = hg.load(npz)
    assert heat.shape == (48, 64)
    assert heat.counts[33, 53] == FRAMES
    assert run(*black, "--map", png) == 0
    assert png.read_bytes().startswith(b"\x89PNG")
    assert run(*black, *zones, "--map", png) == 0
    assert "line 1: in 1 · out 0" in capsys.readouterr().out


def count_at_line(rows: list[str], tmp_path: Path, capsys: Any, *options: Any) -> tuple[Any, str]:
    """Return the counts of MOT rows or JSON lines at the row 24 of black frames, and the messages."""
    is_json = rows[0].startswith("{")
    found = tmp_path / ("rows.jsonl" if is_json else "rows.txt")
    found.write_text("".join(row + ("\n" if is_json else ",1,-1,-1,-1\n") for row in rows))
    black = ("--size", "64x48", "--detections", found, "--line", "0,24,64,24", "--map", tmp_path / "m.npz")
    assert run(*black, "--json", *options) == 0
    told = capsys.readouterr()
    return json.loads(told.out), told.err


@pytest.mark.parametrize(
    "row",
    [
        "{},-1,20,{},8,8",
        '{{"frame": {}, "xyxy": [20, {}, 28, 40], "id": -3}}',
        '{{"frame": {}, "xyxy": [2, {}, 9, 40]}}',
    ],
)
def test_detections_without_ids(row: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row.format(frame, y) for frame in (1, 2) for y in (10, 36)]
    told, messages = count_at_line(rows, tmp_path, capsys)
    assert (told["tracks"], told["report"]["counted"]) == (0, 4)
    assert (told["zones"][0]["entered"], told["zones"][0]["left"]) == ({}, {})
    assert "no ids: lines cannot count" in messages


def test_detections_with_an_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told, messages = count_at_line(["1,-1,20,10,8,8", "1,5,20,10,8,8", "2,5,20,30,8,8"], tmp_path, capsys)
    assert told["tracks"] == 1
    assert told["zones"][0]["entered"] == {"(none)": 1}
    assert "no ids" not in messages


def test_options_of_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{frame},1,20,{y},8,8" for frame, y in enumerate((10, 10, 22, 10, 10), 1)]  # centers 4 below
    for options, expected in (
        ((), {"(none)": 1}),
        (("--min-frames", 2), {}),
        (("--margin", 3), {}),
        (("--margin", 2), {"(none)": 1}),
    ):
        line = count_at_line(rows, tmp_path, capsys, *options)[0]["zones"][0]
        assert line["entered"] == line["left"] == expected


def test_options(detections: Path, tmp_path: Path) -> None:
    npz = tmp_path / "heat.npz"

    def heat(*options: Any) -> np.ndarray:
        black = ("--size", "64x48", "--detections", detections, "--map", npz, "--stamp", "point", "--cell", 1)
        code = run(*black, "--decay", 1, *options, "-q")
        counts = hg.load(npz).counts
        assert code == (0 if counts.any() else 1)
        return counts

    assert heat().sum() == 2 * FRAMES
    assert heat("--min-score", 0.5).sum() == FRAMES
    assert heat("--min-movement", 3).sum() == FRAMES - 1
    assert heat("--class", "(none)").sum() == 2 * FRAMES
    assert heat("--class", "*none*").sum() == 2 * FRAMES
    assert heat("--mode", "tracks")[33, 53] == 1
    assert heat("--mode", "dwell", "--fps", 10)[33, 53] == pytest.approx((FRAMES - 1) / 10)
    assert heat("--first-frame", 3).sum() == 2 * (FRAMES - 2)
    assert heat("--anchor", "bottom_center")[36, 53] == FRAMES
    assert heat("--stamp", "circle", "--radius", 2).sum() > 2 * 8 * FRAMES


def test_classes_are_chosen_as_in_other_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "found.jsonl"
    names = ["car", "Car", "cat", "7"]
    boxes = [[1, 1, 5, 5]] * len(names)
    found.write_text(json.dumps({"frame": 0, "xyxy": boxes, "classes": [*names[:3], 7]}))
    common = ("--size", "8x8", "--detections", found, "--map", tmp_path / "heat.json", "--json")

    def counted(*options: Any) -> int:
        assert run(*common, *options) == 0
        number: int = json.loads(capsys.readouterr().out)["report"]["counted"]
        return number

    assert counted() == 4
    assert counted("--class", "car") == 1
    assert counted("--class", "ca*") == 2
    assert counted("--class", "ca*", "--ignore-case") == 3
    assert counted("--class", "7", "--class", "cat") == 2
    assert counted("--exclude-class", "cat") == 3
    assert run(*common, "--class", "carr") == 1
    assert "--class: no class 'carr' in the source (did you mean 'car'?)" in capsys.readouterr().err


def test_limits_apply_to_detections(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "gt.txt"
    found.write_text("1,1,10,10,5,5\n")
    common = ("--size", "20x20", "--detections", found, "--map", tmp_path / "heat.npz", "--format", "mot")
    assert run(*common, "--limits", "file_bytes=5") == 1
    assert "14 bytes, more than --limits file_bytes=5" in capsys.readouterr().err
    assert run(*common, "--limits", "file_bytes=1,000") == 0


def test_broken_lines_are_skipped_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "found.jsonl"
    good = '{"frame": 0, "xyxy": [1, 2, 3, 4], "id": 5, "class": "car", "score": 0.5}'
    also = '{"frame": 0, "xyxy": [[1, 2, 3, 4]]}'
    bad = ["{", "7", '{"frame": 1}', '{"frame": true, "xyxy": []}', '{"frame": 1, "xyxy": [["a"]]}']
    found.write_text("\n".join([good, also, "", *bad]))
    out = tmp_path / "heat.json"
    assert run("--size", "8x8", "--detections", found, "--map", out, "--json") == 3
    told = capsys.readouterr()
    report = json.loads(told.out)["report"]
    assert (report["counted"], report["read"]) == (2, 7)
    assert report["skipped"] == {"line without valid detections": 5}
    assert "line without valid detections" in told.err
    assert "line 4" in told.err
    assert run("--size", "8x8", "--detections", found, "--map", out, "--on-error", "raise") == 1
    assert "found.jsonl: line 4" in capsys.readouterr().err
    out.unlink()
    assert run("--size", "8x8", "--detections", found, "--map", out, "--strict", "-q") == 1
    assert capsys.readouterr().err.startswith("heatgrid: error: 5 annotations not counted (--strict)")
    assert not out.exists()


def test_coco_results(tmp_path: Path) -> None:
    results = [{"image_id": i, "category_id": 1, "bbox": [4 * i, 10, 8, 16], "score": 0.9} for i in (1, 2, 3)]
    found = tmp_path / "results.json"
    found.write_text(json.dumps(results))
    npz = tmp_path / "heat.npz"
    assert run("--size", "64x48", "--detections", found, "--map", npz, "--stamp", "point", "--decay", 1) == 0
    assert hg.load(npz).counts.sum() == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "64x48"], "-o, --map"),
        (["-o", "x.mp4"], "either IN, or --size"),
        (["in.mp4", "--size", "64x48", "-o", "x.mp4"], "either IN, or --size"),
        (["--size", "64x48", "--map", "heat.gif"], "gif"),
        (["--size", "64.5x48", "--map", "heat.png"], "whole pixels"),
        (["--size", "64x48", "-o", "o", "--line", "1,2,3"], "X1,Y1,X2,Y2"),
        (["--size", "64x48", "-o", "o", "--line", "1,2,1,2"], "X1,Y1,X2,Y2"),
        (["--size", "64x48", "-o", "o", "--region", "1,2,3,4"], "three points"),
        (["--size", "64x48", "-o", "o", *("--line", "1,2,3,4") * 2], "a zone is given twice"),
        (["--size", "64x48", "-o", "o", *("--region", "1,2,3,4,5,7") * 2], "a zone is given twice"),
        (["--size", "64x48", "-o", "o", "--min-frames", "0"], "whole number"),
        (["--size", "64x48", "-o", "o", "--margin", "-1"], "at least 0"),
        (["--size", "64x48", "-o", "o", "--fps", "0"], "frames per second"),
        (["--size", "64x48", "-o", "o", "--decay", "2"], "from 0 to 1"),
        (["--size", "64x48", "-o", "o", "--half-life", "0"], "above 0"),
        (["--size", "64x48", "-o", "o", "--half-life", "1", "--decay", "1"], "not allowed with"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, detections: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run(*arguments, "--detections", detections)
    assert left.value.code == 2
    assert message in capsys.readouterr().err


def test_missing_files(detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    black = ("--size", "64x48", "--detections")
    assert run(*black, tmp_path / "none.txt", "-o", tmp_path / "o") == 1
    assert run(*black, detections, "--map", tmp_path / "no" / "heat.png") == 1
    assert "no such folder" in capsys.readouterr().err
    assert run(*black, detections, "-o", tmp_path / "o.gif") == 1
    assert ".mp4" in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(empty, "--detections", detections, "-o", tmp_path / "o") == 1
    assert "no images" in capsys.readouterr().err
    assert run(empty, "--detections", tmp_path / "e.jsonl", "-o", tmp_path / "o") == 1
    nothing = tmp_path / "nothing.jsonl"
    nothing.write_text("")
    assert run(*black, nothing, "-o", tmp_path / "o") == 1
    assert "an empty file" in capsys.readouterr().err


def test_images_must_have_one_size(
    detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    Image.new("RGB", (64, 48)).save(images / "1.png")
    Image.new("RGB", (48, 64)).save(images / "2.png")
    assert run(images, "--detections", detections, "-o", tmp_path / "o") == 1
    assert "size of the first, 64 x 48, got 48 x 64" in capsys.readouterr().err
    (images / "2.png").write_text("no image")
    assert run(images, "--detections", detections, "-o", tmp_path / "o") == 1
    assert "not an image" in capsys.readouterr().err


@pytest.mark.peers
@pytest.mark.usefixtures("av")
class TestVideos:
    """With PyAV."""

    @pytest.fixture
    def av(self) -> Any:
        return pytest.importorskip("av")

    def decoded(self, av: Any, path: Path) -> tuple[Any, list[np.ndarray], list[float]]:
        with av.open(str(path)) as container:
            frames = list(container.decode(video=0))
            stream = container.streams.video[0]
            about = (stream.codec_context.name, stream.average_rate, (stream.width, stream.height))
        return about, [frame.to_ndarray(format="rgb24") for frame in frames], [float(f.time) for f in frames]

    def test_output_keeps_rate_and_size(self, av: Any, detections: Path, tmp_path: Path) -> None:
        first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
        black = ("--size", "64x48", "--fps", "30000/1001", "--detections", detections)
        assert run(*black, "-o", first, "--alpha", "0") == 0
        assert run(first, "--detections", detections, "-o", second, "--stamp", "box", "--alpha", "1") == 0
        about, frames, times = self.decoded(av, second)
        assert about[0] == "h264"
        assert float(about[1]) == pytest.approx(30000 / 1001, rel=1e-3)
        assert about[2] == SIZE
        assert len(frames) == FRAMES
        assert times == pytest.approx([i * 1001 / 30000 for i in range(FRAMES)], abs=2e-3)
        assert frames[-1][40, 5].max() < 30
        assert frames[-1][33, 53].max() > 100

    def test_odd_sizes_are_padded(
        self, av: Any, detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "out.mp4"
        assert run("--size", "63x47", "--detections", detections, "-o", out) == 0
        assert "H.264 requires even sides: the video is 64 x 48" in capsys.readouterr().err
        about, frames, _ = self.decoded(av, out)
        assert about[2] == (64, 48)
        assert frames[0].shape == (48, 64, 3)

    @pytest.mark.parametrize(
        ("matrix", "size", "corner"),
        [  # FFmpeg's a b c d; shown size; row and column at which the upper left corner is shown
            ((1, 0, 0, 1), (64, 48), (0, 0)),
            ((-1, 0, 0, -1), (64, 48), (-1, -1)),
            ((0, 1, -1, 0), (48, 64), (0, -1)),
            ((0, -1, 1, 0), (48, 64), (-1, 0)),
            ((0, 1, 1, 0), (48, 64), (0, 0)),
            ((-1, 0, 0, 1), (64, 48), (0, -1)),
        ],
    )
    def test_rotated_videos_are_drawn_upright(
        self,
        av: Any,
        tmp_path: Path,
        matrix: tuple[int, int, int, int],
        size: tuple[int, int],
        corner: tuple[int, int],
    ) -> None:
        video, out = tmp_path / "video.mp4", tmp_path / "out.mp4"
        corner_is_white = np.zeros((48, 64, 3), np.uint8)
        corner_is_white[:8, :8] = 255
        write_video(av, video, [corner_is_white] * 3, matrix)
        found = mot_rows(tmp_path / "d.txt", 3)  # of an upright video: some are outside the others
        code = run(video, "--detections", found, "-o", out, "--alpha", "0", "--map", tmp_path / "m.npz")
        assert code == (0 if size == (64, 48) else 3)
        about, frames, _ = self.decoded(av, out)
        assert about[2] == size
        bright = frames[0][..., 0] > 128
        assert bright[corner]
        assert bright.sum() == pytest.approx(64, abs=16)
        assert hg.load(tmp_path / "m.npz").shape == (size[1] // 4, size[0] // 4)

    def test_sound_is_copied(self, av: Any, detections: Path, tmp_path: Path) -> None:
        video, out = tmp_path / "video.mp4", tmp_path / "out.mp4"
        write_video(av, video, [np.zeros((48, 64, 3), np.uint8)] * 250, sound="aac")
        assert run(video, "--detections", detections, "-o", out) == 0
        assert sound_of(av, out) == sound_of(av, video)
        kinds = kinds_of_packets(av, out)
        assert kinds.count("audio") > 1000
        assert set(kinds[:10]) == {"video", "audio"}  # interleaved from the start

    def test_unsupported_sound_is_left_out(
        self, av: Any, detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        video = tmp_path / "video.mkv"
        write_video(av, video, [np.zeros((48, 64, 3), np.uint8)] * 3, sound="libopus")
        for name, message in (("out.mov", ".mov files cannot hold opus"), ("out.mkv", "")):
            out = tmp_path / name
            assert run(video, "--detections", detections, "-o", out) == 3  # the video is shorter
            assert bool(sound_of(av, out)) is not bool(message)
            assert message in capsys.readouterr().err

    def test_no_partial_files_remain(self, tmp_path: Path) -> None:
        images = tmp_path / "images"
        images.mkdir()
        Image.new("RGB", (64, 48)).save(images / "1.png")
        (images / "2.png").write_text("no image")
        out = tmp_path / "out"
        out.mkdir()
        assert run(images, "--detections", mot_rows(tmp_path / "d.txt"), "-o", out / "v.mp4") == 1
        assert list(out.iterdir()) == []

    def test_fewer_frames_than_detections(
        self, detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        video = tmp_path / "video.mp4"
        short = mot_rows(tmp_path / "short.txt", 3)
        assert run("--size", "64x48", "--detections", short, "-o", video) == 0
        assert run(video, "--detections", detections, "--map", tmp_path / "m.npz") == 3
        messages = capsys.readouterr().err
        assert "the detections have 12 frames, the video has 3" in messages
        assert re.search(r" 18  frame that the video does not have", messages)
        assert run(video, "--detections", detections, "--map", tmp_path / "s.npz", "--strict") == 1

    def test_not_a_video(self, detections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(b"no video at all")
        assert run(broken, "--detections", detections, "-o", tmp_path / "o") == 1
        assert "not a video that FFmpeg reads" in capsys.readouterr().err
        assert run(tmp_path / "none.mp4", "--detections", detections, "-o", tmp_path / "o") == 1
        assert "no such file" in capsys.readouterr().err
        assert run(broken, "--detections", detections, "-o", tmp_path / "o", "--fps", "5") == 1
        assert "a video has its own" in capsys.readouterr().err


def test_without_pyav(detections: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    assert run("--size", "64x48", "--detections", detections, "-o", tmp_path / "o.mp4") == 1
    assert 'pip install "heatgrid[video]"' in capsys.readouterr().err
    (tmp_path / "v.mp4").write_bytes(b"")
    assert run(tmp_path / "v.mp4", "--detections", detections, "-o", tmp_path / "o") == 1
    assert 'pip install "heatgrid[video]"' in capsys.readouterr().err


@pytest.mark.parametrize("row", ["1,1,20,10,20,20,-1,-1,-1,-1", '{"frame": 1, "xyxy": [1, 1, 5, 5]}'])
def test_least_score_without_scores_is_an_error(
    row: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("rows.jsonl" if row[0] == "{" else "rows.txt")
    path.write_text(f"{row}\n")
    black = ("--size", "64x48", "--detections", path, "--map", tmp_path / "heat.npz")
    assert run(*black, "--min-score", 0.5) == 1
    assert "requires detections with scores" in capsys.readouterr().err
    assert run(*black) == 0
