"""The README's Python is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from heatgrid.demo import write_demo

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS)
def test_what_the_readme_says_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("annotations", "train", "valid")):
        write_demo(tmp_path / f"{name}.json", images=20, seed=seed)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102


def test_the_readmes_commands_are_one_line_each() -> None:
    commands = re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert {name: code.count("\n") for name, code in commands} == {"demo": 1, "test": 1}
