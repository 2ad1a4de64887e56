// Controls of the drawing; each is bound to the setting of its name.

import { h, newId } from "./dom.js";
import { short, typed } from "./numbers.js";
import { SCALES } from "./tables.js";

export class Controls {
  constructor(settings, { colormaps, canBlur }) {
    this.settings = settings;
    this.updates = [];
    const set = (name) => (value) => settings.set({ [name]: value });
    const defaults = SCALES.percentile.percentiles;
    const end = (place) => (value) => {
      const percentiles = [...settings.get("percentiles")];
      percentiles[place] = value === null ? defaults[place] : Math.min(Math.max(value, 0), 100);
      if (percentiles[0] <= percentiles[1]) settings.set({ percentiles });
      else this.update();
    };
    this.colormap = this.select("Colors", colormaps, () => this.shown ?? settings.get("colormap"), set("colormap"));
    this.element = h(
      "section", { className: "panel", "aria-label": "Drawing" },
      h("div", { className: "panel-head" }, h("h2", {}, "Drawing")),
      this.colormap,
      this.select("Scale", Object.entries(SCALES).map(([name, { label }]) => [name, label]), () => settings.get("scale"), set("scale")),
      this.when(() => settings.get("scale") === "gamma",
        this.range("Gamma", { min: 0.1, max: 3, step: 0.05 }, () => settings.get("gamma"), set("gamma"), (value) => value.toFixed(2))),
      this.when(() => settings.get("scale") === "percentile", h("div", { className: "pair" },
        this.number("From, %", () => settings.get("percentiles")[0], end(0), () => String(defaults[0])),
        this.number("To, %", () => settings.get("percentiles")[1], end(1), () => String(defaults[1])))),
      h("div", { className: "pair" },
        this.number("Lowest", () => settings.get("vmin"), this.limit("vmin"), () => short(this.ends[0])),
        this.number("Highest", () => settings.get("vmax"), this.limit("vmax"), () => short(this.ends[1]))),
      this.range("Opacity", { min: 0, max: 1, step: 0.05 }, () => settings.get("opacity"), set("opacity"), (value) => `${Math.round(100 * value)} %`),
      canBlur ? this.range("Blur", { min: 0, max: 10, step: 0.25 }, () => settings.get("blur"), set("blur"), (value) => (value ? `${value} cells` : "off")) : null,
      this.check("Hide zeros", () => settings.get("zero") === "transparent", (on) => settings.set({ zero: on ? "transparent" : "color" })),
      this.check("Smooth cells", () => settings.get("interpolation") === "bilinear", (on) => settings.set({ interpolation: on ? "bilinear" : "nearest" })),
    );
    this.ends = [0, 1];
  }

  /** Return a function that sets an end of the scale unless the ends would cross. */
  limit(name) {
    return (value) => {
      const ends = { vmin: this.settings.get("vmin"), vmax: this.settings.get("vmax"), [name]: value };
      if (ends.vmin !== null && ends.vmax !== null && ends.vmin > ends.vmax) this.update();
      else this.settings.set({ [name]: value });
    };
  }

  /** Show the settings; ends that are not set show those of the scale, and colors are those shown. */
  update(scale, colormap) {
    this.shown = colormap;
    if (scale) this.ends = [scale.vmin, scale.vmax];
    for (const update of this.updates) update();
  }

  labelled(name, control, extra = null) {
    control.id = newId();
    return h("div", { className: "field" }, h("label", { htmlFor: control.id }, name), control, extra);
  }

  select(name, options, get, set) {
    const items = options.map((option) => {
      const [value, text] = Array.isArray(option) ? option : [option, titled(option)];
      return h("option", { value }, text);
    });
    const control = h("select", { onchange: () => set(control.value) }, ...items);
    this.updates.push(() => {
      control.value = get();
    });
    return this.labelled(name, control);
  }

  range(name, limits, get, set, text) {
    const control = h("input", { type: "range", ...limits, oninput: () => set(Number(control.value)) });
    const shown = h("output", {});
    this.updates.push(() => {
      control.value = String(get());
      shown.textContent = text(get());
      control.setAttribute("aria-valuetext", shown.textContent);
    });
    return this.labelled(name, control, shown);
  }

  number(name, get, set, automatic) {
    const control = h("input", {
      type: "text", inputMode: "decimal", autocomplete: "off", onchange: () => set(typed(control.value)),
    });
    this.updates.push(() => {
      const value = get();
      control.value = value === null ? "" : String(value);
      control.placeholder = automatic();
    });
    return this.labelled(name, control);
  }

  check(name, get, set) {
    const control = h("input", { type: "checkbox", onchange: () => set(control.checked) });
    this.updates.push(() => {
      control.checked = get();
    });
    return h("label", { className: "check" }, control, name);
  }

  when(condition, element) {
    this.updates.push(() => {
      element.hidden = !condition();
    });
    return element;
  }
}

function titled(name) {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}
