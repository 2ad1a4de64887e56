// Report of what was read: the outcome of the annotations, and the files and places of what was not counted.

import { dataTable, total } from "./charts.js";
import { h } from "./dom.js";

const SHOWN = 8;

/** Return elements for the reports of maps by split, and for files that were not read. */
export function reportOf(maps, refused, name) {
  const reports = maps.map(({ report }) => report);
  const sum = (key) => total(reports.map((report) => report[key]));
  const merged = (key) => {
    const found = new Map();
    for (const report of reports) for (const [text, n] of Object.entries(report[key])) found.set(text, (found.get(text) ?? 0) + n);
    return [...found];
  };
  const grouped = (n) => n.toLocaleString("en-US");
  const examples = (text) => [...new Set(reports.flatMap((report) => report.examples[text] ?? []))].slice(0, 3).join(" · ");
  const outcomes = [
    ["Read", sum("read")], ["Counted", sum("counted")], ["No extent", sum("empty")], ["Outside the image", sum("outside")], ["Excluded by the file", sum("excluded")],
  ].filter(([text, n]) => n || text === "Read" || text === "Counted");
  const rows = outcomes.map(([text, n]) => [text, grouped(n), ""]);
  for (const [text, n] of merged("skipped")) rows.push([`Skipped: ${text}`, grouped(n), examples(text)]);
  for (const [text, n] of merged("notes")) rows.push([`Note: ${text}`, grouped(n), examples(text)]);
  const elements = [dataTable(["Annotations", "Number", "For example"], rows, [1])];
  if (refused.length) {
    elements.push(
      h("h3", { className: "refused" }, `${grouped(refused.length)} ${refused.length === 1 ? "file was" : "files were"} not read`),
      h("ul", {}, ...refused.slice(0, SHOWN).map(({ path, reason }) => h("li", {}, `${path}: ${reason}`)), refused.length > SHOWN ? h("li", {}, `and ${grouped(refused.length - SHOWN)} more`) : null),
    );
  }
  if (refused.length || merged("skipped").some(([text]) => text.includes("browser"))) {
    elements.push(h("p", { className: "muted" }, "What is not read in the browser, this command may read: ", h("code", {}, `heatgrid map ${/^[\w./-]+$/.test(name) ? name : `'${name}'`}`)));
  }
  return elements;
}
