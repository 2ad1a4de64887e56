// Elements of the page, created without HTML text, so that names and titles are never markup.

/** Create an element; properties starting with "on" are listeners, with "aria" or "data" attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !/^(aria|data|role|list)/.test(name)) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Set the text of an element if it differs. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let made = 0;

/** Return a unique id. */
export function newId() {
  made += 1;
  return `heatgrid-${made}`;
}
