// What is shown is what the page's address says, so that every view has a link.
let index = null;
let list = null;
let state = { q: "", sort: "", tab: "", t: "", a: "" };
let shownTest = null; // link of the test in the panel
let cameFrom = 0; // where the page was scrolled before a test was opened on a small screen
const rowOf = new Map(); // link → row

function fromAddress() {
  const found = { q: "", sort: "", tab: "", t: "", a: "" };
  for (const part of location.hash.slice(1).split("&")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at);
    if (at > 0 && Object.hasOwn(found, name)) found[name] = decoded(part.slice(at + 1));
  }
  return found;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toAddress(given) {
  const parts = Object.entries(given)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${encoded(value)}`);
  return `#${parts.join("&")}`;
}

const encoded = (text) =>
  encodeURIComponent(text).replace(/%(3A|2F|2C|22)/gi, (match) =>
    match === "%22" ? match : decodeURIComponent(match),
  );

function go(changes, remember) {
  const address = toAddress({ ...state, ...changes });
  try {
    if (remember) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  } catch {
    location.hash = address;
  } // a sandboxed frame may refuse
  readAddress();
}

function readAddress() {
  const before = state;
  state = fromAddress();
  const search = byId("search");
  if (search.value !== state.q) search.value = state.q;
  byId("sort").value = Object.hasOwn(SORTS, state.sort) ? state.sort : "";
  if (!list.drawn || before.q !== state.q || before.sort !== state.sort) findTests();
  showTab();
  showTest();
}

function findTests() {
  const holds = compile(index, state.q);
  const found = [];
  const { length } = index.rows.address;
  for (let row = 0; row < length; row++) if (holds(row)) found.push(row);
  list.drawn = true;
  list.show(sortedRows(index, found, state.sort));
  byId("status").textContent = state.q
    ? `${found.length.toLocaleString("en-US")} of ${counted(length, "test")}`
    : counted(length, "test");
  byId("hits").textContent = state.q ? found.length.toLocaleString("en-US") : "";
  byId("clear").hidden = !state.q;
  byId("clear").textContent = `${state.q} ✕`;
  for (const chip of document.querySelectorAll("a.chip")) {
    if (decoded(chip.hash.slice(3)) === state.q) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  }
}

// Links to tests keep the search that is there; links that search show their result.
function followed(event) {
  const link = event.target.closest("a[href^='#']");
  if (
    !link ||
    event.defaultPrevented ||
    event.button ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const href = link.getAttribute("href");
  if (href.startsWith("#t=")) {
    event.preventDefault();
    go({ t: decoded(href.slice(3)), a: "" }, true);
  } else if (href.startsWith("#q=")) {
    event.preventDefault();
    const q = link.hasAttribute("aria-current") ? "" : decoded(href.slice(3)); // once more: all tests again
    go({ q, tab: "", t: "", a: "" }, true);
    byId("tests").scrollIntoView({ block: "start" });
    list.box.focus({ preventScroll: true });
  }
}
