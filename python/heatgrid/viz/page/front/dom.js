// Elements of the page, made without any HTML text, so that no name or title can be more than text.

/** Make an element; properties that begin with "on" listen, those that begin with "aria" or "data" are attributes. */
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

/** Set what a reader sees, where it is not so already. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let made = 0;

/** Return a name for an element that no other has. */
export function newId() {
  made += 1;
  return `heatgrid-${made}`;
}
