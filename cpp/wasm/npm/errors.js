// Errors: wrong arguments are TypeError and RangeError, as they are TypeError and ValueError in Python.

/** A file, or one annotation in it, cannot be read. */
export class FormatError extends Error {
  constructor(text, path = "", where = "") {
    super([path, where, text].filter(Boolean).join(": "));
    Object.assign(this, { name: "FormatError", text, path, where });
  }
}

/** Return a value as Python's repr writes it. */
export function shown(value) {
  if (typeof value === "string") return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  if (value === null || value === undefined) return "None";
  if (value === true || value === false) return value ? "True" : "False";
  if (Array.isArray(value)) return `(${value.map(shown).join(", ")}${value.length === 1 ? "," : ""})`;
  return String(value);
}

/** Return what heatgrid counts as a name: text without lone surrogates, which JSON escapes may contain. */
export function clean(name) {
  const text = typeof name === "string" ? name : shown(name);
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "?");
}

/** Throw a RangeError unless `value` is one of `values`; the message lists them. */
export function checkChoice(name, value, values) {
  if (values.includes(value)) return;
  throw new RangeError(`${name} must be one of ${values.map(shown).join(", ")}, got ${shown(value)}`);
}
