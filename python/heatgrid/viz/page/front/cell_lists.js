// List of the images or annotations of a cell: those exported, and the number of others.

import { h } from "./dom.js";
import { arrayAt } from "./layers.js";
import { full } from "./numbers.js";

export class CellLists {
  constructor(meta, buffer, isPart) {
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
      rows.push(h("li", {}, h("span", { className: "name", title: this.names[this.items[i]] }, this.names[this.items[i]]), times));
    }
    const more = total - (end - start);
    if (more > 0) rows.push(h("li", { className: "muted" }, `and ${full(more)} more`));
    return [h("h3", {}, `${full(total)} ${kind} in this cell${this.whole}`), h("ul", { className: "cell-list" }, ...rows)];
  }
}
