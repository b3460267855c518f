// A JSON value as lines that open and close; children are made when they are opened.
const NUMBER = "\u0001number";
const CUT = "\u0001cut";
const LONG = 2000;
const OPEN_DEPTH = 2;

const isBox = (value) => value !== null && typeof value === "object" && special(value) === null;

function special(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  if (Object.hasOwn(value, NUMBER)) return { text: value[NUMBER], kind: "number" };
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === CUT ? { text: `… ${value[CUT]}`, kind: "cut" } : null;
}

function linesIn(value) {
  if (!isBox(value)) return 1;
  const members = Object.values(value);
  return members.length ? 2 + members.reduce((sum, member) => sum + linesIn(member), 0) : 1;
}

// `hits`: texts of paths whose nodes are marked. Returns the element and what reveals a path in it.
function jsonTree(value, hits) {
  const marked = new Set(hits);
  const root = treeNode({ value, key: null, path: "", line: 1, depth: 0, marked });
  return { element: el("div", { class: "tree" }, root), reveal: (path) => reveal(root, path) };
}

function treeNode(node) {
  const made = isBox(node.value) && Object.keys(node.value).length ? boxNode(node) : leafNode(node);
  if (node.marked.has(node.path)) made.classList.add("hit");
  made.treePath = node.path;
  return made;
}

function leafNode({ value, key, line }) {
  return el("div", { class: "line", "data-n": line }, keyPart(key), scalar(value));
}

function boxNode(node) {
  const { value, depth, line } = node;
  const list = Array.isArray(value);
  const size = Object.keys(value).length;
  const summary = el("summary", { class: "line", "data-n": line }, keyPart(node.key), list ? "[" : "{");
  summary.append(el("span", { class: "dim" }, ` ${counted(size, list ? "element" : "member")}`));
  const box = el("details", {}, summary);
  box.fill = () => {
    box.fill = () => {};
    box.append(
      ...boxChildren(node),
      el("div", { class: "line", "data-n": line + linesIn(value) - 1 }, list ? "]" : "}"),
    );
  };
  box.addEventListener("toggle", () => box.open && box.fill());
  if (depth < OPEN_DEPTH || hasHit(node)) {
    box.fill();
    box.open = true;
  }
  return box;
}

function boxChildren({ value, path, line, depth, marked }) {
  const list = Array.isArray(value);
  const children = [];
  let next = line + 1;
  for (const [key, member] of Object.entries(value)) {
    const below = list ? `${path}[${key}]` : `${path}.${key}`;
    const shown = list ? null : key;
    const inside = key === CUT ? { [CUT]: member } : member;
    children.push(treeNode({ value: inside, key: shown, path: below, line: next, depth: depth + 1, marked }));
    next += linesIn(member);
  }
  return [el("div", { class: "members" }, children)];
}

const hasHit = ({ path, marked }) => [...marked].some((hit) => hit.startsWith(path) && hit !== path);

const keyPart = (key) =>
  key === null || key === CUT ? null : [el("span", { class: "key" }, JSON.stringify(key)), ": "];

function scalar(value) {
  const known = special(value);
  if (known) return el("span", { class: known.kind }, known.text);
  if (typeof value !== "string")
    return el("span", { class: typeof value === "number" ? "number" : "literal" }, JSON.stringify(value));
  const text = JSON.stringify(value);
  if (text.length <= LONG) return el("span", { class: "string" }, text);
  const shown = el("span", { class: "string" }, `${text.slice(0, LONG)}…`);
  const more = button(`more (${counted(text.length, "character")})`, () => {
    shown.textContent = text;
    more.remove();
  });
  return [shown, more];
}

function reveal(root, path) {
  let node = root;
  while (node && node.treePath !== path) {
    if (node.fill) {
      node.fill();
      node.open = true;
    }
    const members = node.querySelector(":scope > .members");
    node =
      members && [...members.children].find((child) => path === child.treePath || beginsPath(path, child.treePath));
  }
  if (!node) return false;
  const line = node.matches(".line") ? node : node.querySelector(".line");
  line.setAttribute("tabindex", "-1");
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "center" });
  return true;
}

const beginsPath = (path, begin) => path.startsWith(begin) && ".[".includes(path[begin.length]);

function pretty(value, indent = "") {
  const known = special(value);
  if (known) return known.kind === "cut" ? `"${known.text}"` : known.text;
  if (!isBox(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const list = Array.isArray(value);
  const parts = Object.entries(value).map(([key, member]) =>
    key === CUT ? `${inner}"… ${member}"` : `${inner}${list ? "" : `${JSON.stringify(key)}: `}${pretty(member, inner)}`,
  );
  if (!parts.length) return list ? "[]" : "{}";
  return list ? `[\n${parts.join(",\n")}\n${indent}]` : `{\n${parts.join(",\n")}\n${indent}}`;
}

// The places in `value` that a path of the suite format means; where an answer has several readings, the first.
function resolvePath(value, path) {
  const steps = [...path.replace(/^\$/, "").matchAll(/\[(\d+|\*)\]|\['([^']*)'\]|\["([^"]*)"\]|\.?([^.[\]]+)/g)].map(
    ([, place, one, two, name]) => place ?? one ?? two ?? name,
  );
  for (const start of ["", ".structuredContent", ".content", ".result"]) {
    const found = follow(at(value, start), steps, start);
    if (found.length) return found;
  }
  return [];
}

function at(value, start) {
  const name = start.slice(1);
  if (!name) return value;
  return isBox(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function follow(value, steps, path) {
  if (!steps.length) return [path];
  if (!isBox(value)) return [];
  const [step, ...rest] = steps;
  const list = Array.isArray(value);
  const keys = step === "*" ? Object.keys(value) : Object.hasOwn(value, step) ? [step] : [];
  return keys.slice(0, 50).flatMap((key) => follow(value[key], rest, list ? `${path}[${key}]` : `${path}.${key}`));
}
