// List of the images or annotations of a cell: those exported, and the number of others.

import { h, say } from "./dom.js";
import { arrayAt } from "./layers.js";
import { full } from "./numbers.js";

const SHORT_LIST = 8;

export class CellLists {
  /** thumbnails: folder or URL prefix of the images, or null. */
  constructor(meta, buffer, isPart, thumbnails = null) {
    this.thumbnails = meta.kind === "images" ? thumbnails : null;
    this.kind = meta.kind;
    this.what = ""; // what they have in the cell, such as "with misses "
    this.advice = " For more: heatgrid view --limit N, or limit=N of annotations_by_cell, up to 1,000.";
    this.whole = isPart ? ", of all classes and splits" : "";
    const text = new TextDecoder().decode(arrayAt(buffer, meta.names));
    this.names = JSON.parse(text);
    for (const name of ["starts", "items", "hits", "totals"]) this[name] = arrayAt(buffer, meta[name]);
  }

  /** Return elements that list the images or annotations of a cell. */
  show(cell) {
    const [start, end, total] = [this.starts[cell], this.starts[cell + 1], this.totals[cell]];
    const [listed, noun] = [end - start, total === 1 ? this.kind.replace(/s$/, "") : this.kind];
    const rows = [];
    for (let i = start; i < end; i++) {
      const hits = this.hits[i];
      const times = hits > 1 ? h("span", { className: "total muted" }, `${full(hits)}×`) : null;
      rows.push(h("li", { hidden: i - start >= SHORT_LIST }, ...this.item(this.names[this.items[i]]), times));
    }
    const lacks = listed === total ? "" : ` This page holds ${full(listed)} per cell.${this.advice}`;
    const shown = h("p", { className: "cell-shown muted" });
    const count = (n) => say(shown, n === total ? "" : `${full(n)} of ${full(total)} ${noun} shown, most hits first.${lacks}`);
    count(Math.min(listed, SHORT_LIST));
    const all = h("button", { className: "quiet", type: "button", hidden: listed <= SHORT_LIST, onclick: () => {
      for (const row of rows) row.hidden = false;
      count(listed);
      all.hidden = true;
    } }, listed === total ? `Show all ${full(total)}` : `Show ${full(listed)}`);
    return [h("h3", {}, `${full(total)} ${noun} ${this.what}in this cell${this.whole}`), shown, h("ul", { className: "cell-list" }, ...rows), all];
  }

  /** Return the elements of a list's item: with an address, a small image, and a link to it. */
  item(name) {
    const src = imageAddress(this.thumbnails, name);
    return [src && smallImage(src), imageLink(src, name)];
  }
}

/** Return the address of an image below a folder or URL prefix, null if there is none; names never lead out of it. */
export function imageAddress(prefix, name) {
  const parts = name.split(/[\\/]+/).filter((part) => part && part !== ".");
  return prefix === null || parts.includes("..") ? null : prefix + parts.map(encodeURIComponent).join("/");
}

/** Return a text as a link to an image, or as it is without an address. */
export function imageLink(href, text) {
  const own = { className: "name", title: text };
  return href === null ? h("span", own, text) : h("a", { ...own, href, target: "_blank", rel: "noopener" }, text);
}

/** Return a small image, which disappears if it cannot be loaded. */
export function smallImage(src) {
  const image = h("img", { className: "thumbnail", loading: "lazy", alt: "", src, onerror: () => image.remove() });
  return image;
}
