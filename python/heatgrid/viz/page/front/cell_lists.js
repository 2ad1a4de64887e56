// List of the images or annotations of a cell: those exported, and the number of others.

import { h } from "./dom.js";
import { arrayAt } from "./layers.js";
import { full } from "./numbers.js";

const SHORT_LIST = 8;

export class CellLists {
  /** thumbnails: folder or URL prefix of the images, or null. */
  constructor(meta, buffer, isPart, thumbnails = null) {
    this.thumbnails = meta.of === "images" ? thumbnails : null;
    this.of = meta.of;
    this.whole = isPart ? ", of all classes and splits" : "";
    const text = new TextDecoder().decode(arrayAt(buffer, meta.names));
    this.names = JSON.parse(text);
    for (const name of ["starts", "items", "hits", "totals"]) this[name] = arrayAt(buffer, meta[name]);
  }

  /** Return elements that list the images or annotations of a cell. */
  show(cell) {
    const [start, end, total] = [this.starts[cell], this.starts[cell + 1], this.totals[cell]];
    const kind = total === 1 ? this.of.replace(/s$/, "") : this.of;
    const rows = [];
    for (let i = start; i < end; i++) {
      const hits = this.hits[i];
      const times = hits > 1 ? h("span", { className: "total muted" }, `${full(hits)}×`) : null;
      const name = this.names[this.items[i]];
      rows.push(h("li", { hidden: i - start >= SHORT_LIST }, this.thumbnail(name), h("span", { className: "name", title: name }, name), times));
    }
    const more = total - (end - start);
    if (more > 0) rows.push(h("li", { className: "muted", hidden: rows.length > SHORT_LIST }, `and ${full(more)} more`));
    const all = h("button", { className: "quiet", type: "button", hidden: rows.length <= SHORT_LIST, onclick: () => {
      for (const row of rows) row.hidden = false;
      all.hidden = true;
    } }, `Show all ${full(end - start)}`);
    return [h("h3", {}, `${full(total)} ${kind} in this cell${this.whole}`), h("ul", { className: "cell-list" }, ...rows), all];
  }

  /** Return a small image, which disappears if it cannot be loaded; names never lead out of the folder. */
  thumbnail(name) {
    const parts = name.split(/[\\/]+/).filter((part) => part && part !== ".");
    if (this.thumbnails === null || parts.includes("..")) return null;
    const src = this.thumbnails + parts.map(encodeURIComponent).join("/");
    const image = h("img", { className: "thumbnail", loading: "lazy", alt: "", src, onerror: () => image.remove() });
    return image;
  }
}
