// Toolbars: view, and files and link of what is shown.

import { h, say } from "./dom.js";
import { csv, png, save, svg } from "./export.js";

const SHOWN_FOR = 2500;

function toolButton(text, label, onclick) {
  return h("button", { type: "button", className: "tool", title: label, "aria-label": label, onclick }, text);
}

/** Buttons of zoom and selection. */
export class ViewTools {
  constructor(input, onselect) {
    this.input = input;
    this.level = h("output", { className: "level", "aria-label": "Zoom" });
    this.selects = toolButton("Select", "Select a region by dragging", () => {
      input.selects = !input.selects;
      this.selects.setAttribute("aria-pressed", String(input.selects));
      onselect();
    });
    this.selects.setAttribute("aria-pressed", "false");
    this.element = h(
      "div", { className: "tools", role: "toolbar", "aria-label": "View" },
      toolButton("−", "Zoom out", () => input.zoom(-1)), this.level, toolButton("+", "Zoom in", () => input.zoom(1)),
      toolButton("Reset", "Reset: show the whole map", () => input.reset()), this.selects,
    );
  }
}

/** Buttons that save the shown map, or copy a link to it. snapshot returns what is shown. */
export class FileTools {
  constructor(snapshot, settings) {
    const file = (type, mime, content) => toolButton(type, `${type}: save the shown map`, async () => {
      const shown = snapshot();
      save(await content(shown), `${fileName(shown.meta.title)}.${type.toLowerCase()}`, mime);
    });
    this.settings = settings;
    this.message = h("span", { className: "message muted", role: "status" });
    this.element = h(
      "div", { className: "tools", role: "toolbar", "aria-label": "Save" },
      file("PNG", "image/png", (shown) => png(svg(shown))), file("SVG", "image/svg+xml", svg),
      file("CSV", "text/csv", (shown) => csv(shown.grid, shown.meta.columns)),
      settings.link ? toolButton("Copy link", "Copy link to what is shown", () => this.copy()) : null, this.message,
    );
  }

  /** Put the state into the address, and the address into the clipboard. */
  async copy() {
    const link = this.settings.link();
    try {
      await navigator.clipboard.writeText(link);
      say(this.message, "Link copied");
    } catch {
      say(this.message, "The link is in the address bar");
    }
    setTimeout(() => say(this.message, ""), SHOWN_FOR);
  }
}

function fileName(title) {
  return title.normalize("NFKD").replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 80) || "map";
}
