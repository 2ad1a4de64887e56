"""How-tos for Streamlit, Gradio and FastAPI, each run with the real library."""

from html import unescape
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

import heatgrid as hg
from heatgrid.commands.demo import write_demo

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("default")]

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"


@pytest.fixture
def annotations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_demo(tmp_path / "annotations.json", images=20, seed=1)
    return tmp_path / "annotations.json"


def load(name: str) -> Any:
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["streamlit_app", "gradio_app", "fastapi_app"])
def test_examples_are_short(name: str) -> None:
    lines = (EXAMPLES / f"{name}.py").read_text().splitlines()
    code = [line for line in lines if line.strip() and '"""' not in line]
    assert len(code) <= 18  # five imports at most


def test_streamlit(annotations: Path) -> None:
    testing = pytest.importorskip("streamlit.testing.v1")
    app = testing.AppTest.from_file(EXAMPLES / "streamlit_app.py", default_timeout=60).run()
    assert not app.exception
    heat = hg.heatmap(annotations, 100)
    shown = app.dataframe[0].value
    assert dict(zip(shown["class"], shown["objects"], strict=True)) == {
        row.name: row.objects for row in heat.table()
    }
    (frame,) = app.get("iframe")
    assert frame.proto.srcdoc == heat.to_html()
    app.slider[0].set_value(20).run()
    assert app.get("iframe")[0].proto.srcdoc == hg.heatmap(annotations, 20).to_html()
    app.text_input[0].set_value("nowhere.json").run()
    assert not app.exception
    assert "nowhere.json" in app.error[0].value


def test_gradio(annotations: Path) -> None:
    client = pytest.importorskip("gradio_client")
    pytest.importorskip("gradio")
    app = load("gradio_app").app
    _, address, _ = app.launch(prevent_thread_lock=True, quiet=True)
    try:
        frame, report = client.Client(address, verbose=False).predict(
            client.handle_file(annotations), 20, api_name="/show"
        )
    finally:
        app.close()
    heat = hg.heatmap(annotations, 20)
    assert unescape(frame.split('srcdoc="')[1].split('" style')[0]) == heat.to_html()
    assert report == str(heat.report)


def test_fastapi(annotations: Path) -> None:
    pytest.importorskip("fastapi")
    testing = pytest.importorskip("fastapi.testclient")
    client = testing.TestClient(load("fastapi_app").app)
    answer = client.post("/heatmap?grid=20", files={"file": (annotations.name, annotations.read_bytes())})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text == hg.heatmap(annotations, 20).to_html(title="annotations.json")
    broken = client.post("/heatmap", files={"file": ("a.json", b"{")})
    assert broken.status_code == 422
    assert "annotations" in broken.json()["detail"]
