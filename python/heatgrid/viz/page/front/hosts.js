// Hosts of the viewer: a page, or a notebook widget.

import { inflate } from "./layers.js";
import { fragment, restored } from "./link.js";
import { Viewer } from "./viewer.js";

/** Draw into a shadow root, which isolates styles. */
function mount(place, viewer, style) {
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren(viewer.element);
}

/** Settings of a page: plain values. */
export class PageSettings {
  constructor(values) {
    this.values = { ...values };
    this.listeners = [];
  }

  get(name) {
    return this.values[name];
  }

  set(values) {
    Object.assign(this.values, values);
    for (const name of Object.keys(values)) for (const listener of this.listeners) listener(name);
  }

  watch(listener) {
    this.listeners.push(listener);
  }
}

/** Return the description of a page. */
export function pageMeta() {
  return JSON.parse(document.getElementById("heatgrid-meta").textContent);
}

/** Return the arrays in an element of the page, decompressed. */
export function pageData(id) {
  const packed = atob(document.getElementById(id).textContent.trim());
  return inflate(Uint8Array.from(packed, (letter) => letter.charCodeAt(0)));
}

/** Show the element of a page, and note when: in milliseconds since navigation started. */
export function showOnPage(shown, style) {
  const place = document.getElementById("heatgrid");
  mount(place, shown, style);
  requestAnimationFrame(() => {
    place.dataset.shown = String(Math.round(performance.now()));
  });
}

/** Show the map of a page. */
export async function showPage(style) {
  const meta = pageMeta();
  const linked = () => ({ ...meta.settings, ...restored(location.hash, meta) });
  const settings = new PageSettings(linked());
  addEventListener("hashchange", () => settings.set(linked()));
  settings.link = () => { // puts the state into the page's address and returns that
    history.replaceState(null, "", fragment(settings.values, meta.settings));
    return location.href;
  };
  showOnPage(new Viewer(meta, await pageData("heatgrid-data"), settings, (cell) => settings.set({ cell })), style);
}

/** Settings of a widget: the traits of the same names, shared with Python. */
class WidgetSettings {
  constructor(model, names) {
    Object.assign(this, { model, names, ends: [] });
  }

  get(name) {
    return this.model.get(name);
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  watch(listener) {
    for (const name of this.names) {
      const listen = () => listener(name);
      this.model.on(`change:${name}`, listen);
      this.ends.push(() => this.model.off(`change:${name}`, listen));
    }
  }

  close() {
    for (const end of this.ends) end();
  }
}

const LAST_CLICKS = 32;

/** Show the map of a widget and follow its changes. Returns a function that stops it. */
export async function showWidget(model, element, style) {
  const place = document.createElement("div");
  element.replaceChildren(place);
  let [viewer, settings] = [null, null];
  const close = () => {
    viewer?.close();
    settings?.close();
  };
  const show = async () => {
    const [meta, data] = [model.get("_meta"), model.get("_data")];
    const buffer = await inflate(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (meta !== model.get("_meta")) return; // a newer map has arrived
    close();
    settings = new WidgetSettings(model, [...Object.keys(meta.settings), "error"]);
    viewer = new Viewer(meta, buffer, settings, (cell) => {
      // Several clicks may be sent at once while Python is busy; their numbers identify new ones.
      const clicks = model.get("_clicks");
      const number = clicks.length ? clicks[clicks.length - 1][0] + 1 : 1;
      settings.set({ cell, _clicks: [...clicks, [number, ...cell]].slice(-LAST_CLICKS) });
    });
    mount(place, viewer, style);
  };
  model.on("change:_meta", show);
  await show();
  return () => {
    model.off("change:_meta", show);
    close();
  };
}
