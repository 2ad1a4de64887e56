"""The interactive viewer: one front end, as a page of its own and as a notebook's widget."""

from heatgrid.view.page import page, save_page

__all__ = ["page", "save_page"]
