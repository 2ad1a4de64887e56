"""Map of an uploaded file in Gradio: ``python gradio_app.py``."""

from html import escape

import gradio as gr

import heatgrid as hg


def show(path: str, grid: int) -> tuple[str, str]:
    """Return the viewer in a frame of its own, and what was counted."""
    heat = hg.heatmap(path, int(grid))
    frame = f'<iframe srcdoc="{escape(heat.to_html())}" style="width: 100%; height: 800px"></iframe>'
    return frame, str(heat.report)


app = gr.Interface(show, [gr.File(label="Annotations"), gr.Slider(10, 200, 100, step=1)], [gr.HTML(), "text"])
if __name__ == "__main__":
    app.launch()
