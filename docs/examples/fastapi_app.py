"""Map of an uploaded file as a page: ``uvicorn fastapi_app:app``."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI, HTTPException, UploadFile
from fastapi.responses import HTMLResponse

import heatgrid as hg

app = FastAPI()


@app.post("/heatmap", response_class=HTMLResponse)
def heatmap(file: UploadFile, grid: int = 100) -> str:
    """Return the viewer of the map of a file; user files have limits."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "annotations")
        path.write_bytes(file.file.read())
        try:
            return hg.heatmap(path, grid, limits=hg.Limits(seconds=10)).to_html(title=file.filename)
        except (ValueError, hg.Cancelled) as error:
            raise HTTPException(422, str(error)) from error
