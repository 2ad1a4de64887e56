// Selection of classes and splits, a slider through splits, and the difference of two.

import { h, newId, say } from "./dom.js";
import { isSelected } from "./layers.js";
import { short } from "./numbers.js";

const MANY = 10;

/** Checkboxes of names, each with its number of objects. */
export class Names {
  constructor(title, names, key, settings, objectsOf) {
    Object.assign(this, { names, key, settings, objectsOf });
    const order = names.map((name) => [name, objectsOf(name)]).sort((a, b) => b[1] - a[1]);
    this.rows = order.map(([name]) => this.row(name));
    this.count = h("span", { className: "muted", title: "number of selected names; next to each, its objects" });
    const all = h("button", { className: "quiet", type: "button", onclick: () => this.set(null) }, "All");
    const none = h("button", { className: "quiet", type: "button", onclick: () => this.set([]) }, "None");
    const filter = h("input", {
      type: "search", placeholder: "Find", "aria-label": `Find ${title.toLowerCase()}`, oninput: () => this.filter(filter.value),
    });
    this.element = h(
      "section", { className: "panel", role: "group", "aria-label": title },
      h("div", { className: "panel-head" }, h("h2", {}, title), this.count, all, none),
      names.length > MANY ? filter : null,
      h("div", { className: "names" }, ...this.rows.map((row) => row.element)),
    );
  }

  row(name) {
    const box = h("input", { type: "checkbox", onchange: () => this.toggle(name, box.checked) });
    const total = h("span", { className: "total muted", title: "objects" });
    const only = h("button", {
      className: "quiet only", type: "button", "aria-label": `Only ${name}`, onclick: () => this.set([name]),
    }, "only");
    const label = h("label", { className: "check", title: name }, box, h("span", { className: "name" }, name));
    return { name, box, total, element: h("div", { className: "name-row" }, label, only, total) };
  }

  toggle(name, isOn) {
    const before = this.settings.get(this.key) ?? this.names;
    this.set(this.names.filter((other) => (other === name ? isOn : before.includes(other))));
  }

  set(names) {
    this.settings.set({ [this.key]: names && names.length === this.names.length ? null : names });
  }

  filter(text) {
    for (const { name, element } of this.rows) element.hidden = !name.toLowerCase().includes(text.trim().toLowerCase());
  }

  update() {
    const selected = this.settings.get(this.key);
    for (const { name, box, total } of this.rows) {
      box.checked = isSelected(selected, name);
      const objects = this.objectsOf(name);
      say(total, objects === null ? "" : short(objects));
    }
    say(this.count, `${(selected ?? this.names).length} of ${this.names.length}`);
  }
}

/** One of several maps that do not add up. Set ends of the color bar hold for maps of the same unit only. */
export class Maps {
  constructor(names, units, settings) {
    Object.assign(this, { names, units, settings });
    const group = newId();
    this.rows = names.map((name, i) => {
      const box = h("input", { type: "radio", name: group, onchange: () => this.choose(i) });
      const label = h("label", { className: "check", title: name }, box, h("span", { className: "name" }, name));
      return { name, box, element: h("div", { className: "name-row" }, label, h("span", { className: "muted" }, units[i])) };
    });
    this.element = h(
      "section", { className: "panel", role: "radiogroup", "aria-label": "Map" },
      h("div", { className: "panel-head" }, h("h2", {}, "Map")),
      h("div", { className: "names" }, ...this.rows.map((row) => row.element)),
    );
  }

  choose(i) {
    const before = this.names.indexOf(this.settings.get("splits")[0]);
    const ends = this.units[before] === this.units[i] ? {} : { vmin: null, vmax: null };
    this.settings.set({ splits: [this.names[i]], ...ends });
  }

  update() {
    for (const { name, box } of this.rows) box.checked = this.settings.get("splits").includes(name);
  }
}

/** A slider that shows one split after the other; at its beginning, all together if they add up. */
export class Steps {
  constructor(title, names, settings, addsUp) {
    Object.assign(this, { names, settings });
    this.current = h("output", {});
    this.input = h("input", {
      type: "range", min: addsUp ? 0 : 1, max: names.length, step: 1, "aria-label": title,
      oninput: () => this.set(Number(this.input.value)),
    });
    this.element = h(
      "section", { className: "panel", role: "group", "aria-label": title },
      h("div", { className: "panel-head" }, h("h2", {}, title), this.current), this.input,
    );
  }

  set(step) {
    this.settings.set({ splits: step ? [this.names[step - 1]] : null });
  }

  update() {
    const selected = this.settings.get("splits") ?? this.names;
    const step = selected.length === 1 ? this.names.indexOf(selected[0]) + 1 : 0;
    const text = step ? selected[0] : selected.length === this.names.length ? "all" : `${selected.length} of ${this.names.length}`;
    this.input.value = step;
    this.input.setAttribute("aria-valuetext", text);
    say(this.current, text);
  }
}

/** The difference of two splits or two classes. */
export class Comparison {
  constructor(layers, settings, title) {
    Object.assign(this, { layers, settings });
    this.kinds = [[title, layers.maps ? [] : layers.splits], ["Classes", layers.classes]].filter(([, names]) => names.length > 1);
    this.kind = h("select", { onchange: () => this.choose() });
    this.kind.append(h("option", { value: "" }, "Off"), ...this.kinds.map(([name]) => h("option", { value: name }, name)));
    [this.first, this.second] = [0, 1].map(() => h("select", { onchange: () => this.send() }));
    this.fields = h("div", { className: "pair" }, field("Share of", this.first), field("minus share of", this.second));
    this.element = h(
      "section", { className: "panel", "aria-label": "Difference" },
      h("div", { className: "panel-head" }, h("h2", {}, "Difference")), field("Between", this.kind), this.fields,
    );
  }

  get isPossible() {
    return this.kinds.length > 0;
  }

  options(names) {
    for (const select of [this.first, this.second]) {
      select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    }
  }

  choose() {
    const kind = this.kinds.find(([name]) => name === this.kind.value);
    if (!kind) return this.settings.set({ difference: null });
    this.options(kind[1]);
    this.second.selectedIndex = 1;
    return this.send();
  }

  send() {
    this.settings.set({ difference: [this.first.value, this.second.value] });
  }

  update() {
    const names = this.settings.get("difference");
    this.fields.hidden = !names;
    const kind = names && this.kinds.find(([, known]) => names.every((name) => known.includes(name)));
    this.kind.value = kind ? kind[0] : "";
    if (!kind) return;
    this.options(kind[1]);
    [this.first.value, this.second.value] = names;
  }
}

function field(name, control) {
  control.id = newId();
  return h("div", { className: "field" }, h("label", { htmlFor: control.id }, name), control);
}
