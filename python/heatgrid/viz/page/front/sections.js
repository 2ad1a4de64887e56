// Sections of a page about a data set: findings, charts, bars, and settings that several maps share.

import { round, rounded } from "./charts.js";
import { h } from "./dom.js";

const OWN = ["cell", "region", "scale", "vmin", "vmax"];

/** Settings of one of several maps on a page, which share all but their own. */
export class SharedSettings {
  constructor(shared, own) {
    Object.assign(this, { shared, own });
  }

  of(name) {
    return OWN.includes(name) ? this.own : this.shared;
  }

  get(name) {
    return this.of(name).get(name);
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.of(name).set({ [name]: value });
  }

  watch(listener) {
    for (const settings of [this.shared, this.own]) settings.watch(listener);
  }
}

/** Return the section of findings; each leads to the section with its details. */
export function findingList(findings) {
  const items = findings.map(({ level, text, section: id }) => h(
    "li", { className: level }, h("span", { className: "level-name" }, level), h("span", {}, text),
    h("a", { href: `#${id}`, "aria-label": `Details: ${text}`, onclick: (event) => go(event, id) }, "details"),
  ));
  const none = h("p", { className: "muted" }, "Nothing unusual was found.");
  return section("findings", "Findings", findings.length ? h("ol", {}, ...items) : none);
}

/** Scroll to a section; the page is in a shadow root, where the address has no effect. */
function go(event, id) {
  event.preventDefault();
  const target = event.target.closest(".page").querySelector(`#${id}`);
  target?.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  target?.focus({ preventScroll: true });
}

export function section(id, title, ...children) {
  return h("section", { id, tabIndex: -1, "aria-label": title }, h("h2", {}, title), ...children);
}

export function chart(title, text, ...children) {
  return h("figure", { className: "chart" }, h("figcaption", {}, h("h3", {}, title), h("p", { className: "muted" }, text)), ...children);
}

/** Return a number of things with their noun. */
export function counted(number, noun) {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}

export function mean(objects, images) {
  return rounded(objects / images, 2).toFixed(2);
}

/** Return a share as a bar and a number. */
export function meter(part, whole) {
  const bar = h("span", { className: "meter", "aria-hidden": "true" }, h("b", {}));
  bar.firstChild.style.width = whole ? `${(100 * part) / whole}%` : "0";
  bar.firstChild.hidden = !part;
  return h("span", { className: "metered" }, bar, h("span", {}, whole ? round(part / whole) : "–"));
}
