// Makes elements, and words for times and sizes. Texts of others reach the page as text alone.
const ATTRIBUTES = new Set([
  "id",
  "class",
  "role",
  "tabindex",
  "type",
  "title",
  "for",
  "hidden",
  "href",
  "value",
  "placeholder",
  "autocomplete",
  "spellcheck",
  "scope",
  "colspan",
  "open",
  "disabled",
  "data-n",
  "viewBox",
  "preserveAspectRatio",
  "x",
  "y",
  "width",
  "height",
  "points",
  "aria-label",
  "aria-labelledby",
  "aria-describedby",
  "aria-controls",
  "aria-selected",
  "aria-setsize",
  "aria-posinset",
  "aria-activedescendant",
  "aria-hidden",
  "aria-live",
  "aria-pressed",
  "aria-expanded",
  "aria-current",
  "aria-keyshortcuts",
]);
const SVG = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);

function el(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (!ATTRIBUTES.has(name)) throw new Error(`attribute ${name} is not one of ours`);
    if (name === "href" && !String(value).startsWith("#")) throw new Error("links lead into this page only");
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== "") element.append(child);
  return element;
}

function button(label, act, attributes) {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

const counted = (count, thing) => `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;

// As the terminal writes times, and finer what that would call nothing; what is rounded is rounded down.
function clock(ms) {
  if (ms < 10) return `${Math.floor(ms)}ms`;
  const hundredths = Math.floor(ms / 10);
  if (hundredths < 1000) return `${(hundredths / 100).toFixed(2)}s`;
  if (hundredths < 6000) return `${(Math.floor(hundredths / 10) / 10).toFixed(1)}s`;
  const seconds = Math.floor(hundredths / 100);
  const minutes = Math.floor(seconds / 60);
  const two = (number) => String(number).padStart(2, "0");
  return minutes < 60 ? `${minutes}m${two(seconds % 60)}s` : `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

// Parts of a test, which are often short.
const fine = (ms) => (ms < 10 ? `${ms.toFixed(1)}ms` : ms < 1000 ? `${Math.floor(ms)}ms` : clock(ms));

function sized(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
