// Elements of the page, created without HTML text, so that names and titles are never markup.

/** Create an element; properties starting with "on" are listeners, with "aria" or "data" attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !/^(aria|data|role|list)/.test(name)) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(
    ...children
      .filter((child) => child !== null)
      .map((child) => (typeof child === "string" ? printable(child) : child)),
  );
  return element;
}

/** Set the text of an element if it differs. */
export function say(element, text) {
  const shown = printable(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** Escape the characters that could hide or reorder text, as `heatgrid.errors.printable` does. */
export function printable(text) {
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

let made = 0;

/** Return a unique id. */
export function newId() {
  made += 1;
  return `heatgrid-${made}`;
}
