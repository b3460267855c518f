// The page: what is shown is what its address says, so that every view has a link.
const TABS = { tests: "Tests", servers: "Servers", flaky: "Flaky", warned: "Warned", slow: "Slow", "left-out": "Not run", timing: "Timing", about: "About" };
const SORTS = { "": "failures first", time: "longest first", fast: "shortest first", name: "by name", plan: "as planned" };
const KEYS = {
  "/": "search", "j k, arrows": "next, previous test", Enter: "open the test", Esc: "close it; leave the search",
  "n p": "next, previous test that did not pass", c: "copy a link to the test", t: "dark or light", "?": "these keys",
};
const TOKENS = "s:failed  t:SERVER  suite:NAME  item:TOOL  c:CAUSE  tag:WORD  w:WORKER  is:new|bad|flaky|slow|warned|retried  >5s  <100ms  -not  \"two words\"";

let index = null;
let list = null;
let state = { q: "", sort: "", tab: "", t: "", a: "" };
let shownTest = null; // link of the test in the panel
let cameFrom = 0; // where the page was scrolled before a test was opened on a small screen
const rowOf = new Map(); // link → row

async function start() {
  index = await unpack("index");
  index.rows.link.forEach((link, row) => rowOf.set(link, row));
  list = new TestList(index, (row) => openRow(row));
  document.documentElement.classList.add("with-script");
  buildTools();
  buildTests();
  buildTabs();
  buildPanel();
  addEventListener("popstate", readAddress);
  addEventListener("hashchange", readAddress);
  addEventListener("keydown", pressed);
  document.addEventListener("click", followed);
  addEventListener("beforeprint", () => document.querySelectorAll("details.cause").forEach((cause) => { cause.open = true; }));
  readAddress();
  document.documentElement.setAttribute("data-ready", "");
  performance.mark("ready");
}

// --- the address

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
  try { return decodeURIComponent(text); } catch { return text; }
}

function toAddress(given) {
  const parts = Object.entries(given).filter(([, value]) => value !== "").map(([name, value]) => `${name}=${encoded(value)}`);
  return `#${parts.join("&")}`;
}

const encoded = (text) => encodeURIComponent(text).replace(/%(3A|2F|2C|22)/gi, (match) => (match === "%22" ? match : decodeURIComponent(match)));

function go(changes, remember) {
  const address = toAddress({ ...state, ...changes });
  try {
    if (remember) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  } catch { location.hash = address; } // a sandboxed frame may refuse
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
  byId("status").textContent = state.q ? `${found.length.toLocaleString("en-US")} of ${counted(length, "test")}` : counted(length, "test");
}

// --- links

// Links to tests keep the search that is there; links that search show their result.
function followed(event) {
  const link = event.target.closest("a[href^='#']");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const href = link.getAttribute("href");
  if (href.startsWith("#t=")) {
    event.preventDefault();
    go({ t: decoded(href.slice(3)), a: "" }, true);
  } else if (href.startsWith("#q=")) {
    event.preventDefault();
    go({ q: decoded(href.slice(3)), tab: "", t: "", a: "" }, true);
    byId("tests").scrollIntoView({ block: "start" });
    list.box.focus({ preventScroll: true });
  }
}

// --- head, list, tabs

function buildTools() {
  const search = el("input", { id: "search", type: "search", autocomplete: "off", spellcheck: "false", placeholder: "Search  /", "aria-label": "Search tests", "aria-describedby": "search-help", "aria-keyshortcuts": "/" });
  search.addEventListener("input", () => go({ q: search.value, tab: "" }, false));
  const help = button("?", toggleHelp, { "aria-label": "Keys and search words", "aria-keyshortcuts": "?" });
  const theme = button("◐", switchTheme, { "aria-label": "Dark or light", "aria-keyshortcuts": "t" });
  document.querySelector("header").append(el("div", { class: "tools", role: "search" }, search, help, theme));
  const dialog = el("dialog", { id: "help", "aria-label": "Keys and search words" },
    el("h2", {}, "Keys"), el("dl", { class: "facts-list" }, Object.entries(KEYS).flatMap(([key, text]) => [el("dt", {}, key), el("dd", {}, text)])),
    el("h2", {}, "Search"), el("p", { id: "search-help" }, TOKENS), button("close", () => dialog.close()));
  document.body.append(dialog, el("div", { id: "said", role: "status", class: "toast" }));
  try { applyTheme(localStorage.getItem("mcp-test-harness-theme")); } catch { /* a sandboxed frame has no storage */ }
}

function buildTests() {
  const sort = el("select", { id: "sort", "aria-label": "Order" }, Object.entries(SORTS).map(([value, words]) => el("option", { value }, words)));
  sort.addEventListener("change", () => go({ sort: sort.value }, false));
  const tests = byId("tests");
  tests.querySelectorAll("noscript").forEach((note) => note.remove());
  tests.append(el("p", { class: "list-head" }, el("span", { id: "status", role: "status" }), " ", sort), list.box);
}

function buildTabs() {
  byId("about").before(el("section", { id: "timing", "aria-labelledby": "timing-title" }, el("h2", { id: "timing-title" }, "Timing")));
  const tabs = Object.keys(TABS).filter(byId).map((name) => {
    const title = byId(name).querySelector("h2").textContent;
    const tab = button(title, () => go({ tab: name === "tests" ? "" : name }, false), { id: `tab-${name}`, role: "tab", "aria-controls": name });
    byId(name).setAttribute("role", "tabpanel");
    byId(name).setAttribute("aria-labelledby", `tab-${name}`);
    return tab;
  });
  const bar = el("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the report" }, tabs);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
    event.stopPropagation();
    event.preventDefault();
  });
  byId("tests").before(bar);
}

function showTab() {
  const chosen = Object.hasOwn(TABS, state.tab) && byId(state.tab) ? state.tab : "tests";
  for (const name of Object.keys(TABS)) {
    const panel = byId(name);
    if (!panel) continue;
    const tab = byId(`tab-${name}`);
    panel.hidden = name !== chosen;
    tab.setAttribute("aria-selected", name === chosen ? "true" : "false");
    tab.tabIndex = name === chosen ? 0 : -1;
  }
  if (chosen === "timing" && byId("timing").children.length === 1) byId("timing").append(...timingView(index));
  if (chosen === "tests") list.draw();
}

// --- one test

function buildPanel() {
  document.querySelector("main").append(el("section", { id: "detail", "aria-label": "Test", hidden: true }));
}

function openRow(row) {
  go({ t: index.rows.link[row], a: "" }, true);
}

async function showTest() {
  const wanted = state.t ? `${state.t}&${state.a}` : null;
  if (wanted === shownTest) return;
  const opened = shownTest === null;
  shownTest = wanted;
  if (wanted === null) return hideTest();
  const panel = byId("detail");
  if (opened) cameFrom = scrollY;
  panel.hidden = false;
  document.body.classList.add("open");
  const row = rowOf.get(state.t);
  if (row === undefined) return fillPanel(unknownTest());
  list.selectRow(row);
  let test = null;
  try { test = await detailOf(index, row); } catch { return fillPanel([closeButton(), el("p", {}, "The detail of this test cannot be read: the file is damaged.")]); }
  if (shownTest !== wanted) return;
  fillPanel(detailView(index, row, test, state.a === "" ? -1 : Number(state.a) - 1, {
    close: closeTest, copyLink, copyRerun: () => copyText(rerunCommand(row, test)), attempt: (at) => go({ a: String(at + 1) }, false),
  }));
}

function fillPanel(parts) {
  const panel = byId("detail");
  panel.replaceChildren(...parts.flat().filter((part) => part !== null && part !== undefined));
  panel.scrollTop = 0;
  if (getComputedStyle(panel).position !== "fixed") scrollTo(0, 0);
  const title = byId("detail-title");
  if (title) title.focus({ preventScroll: true });
}

const closeButton = () => button("← close", closeTest, { class: "close" });

const unknownTest = () => [closeButton(), el("h2", { id: "detail-title", tabindex: "-1" }, "Not in this file"), el("p", {}, `This file has no test ${state.t.slice(0, 80)}.`)];

function hideTest() {
  const panel = byId("detail");
  const had = panel.contains(document.activeElement);
  panel.hidden = true;
  panel.replaceChildren();
  document.body.classList.remove("open");
  scrollTo(0, cameFrom);
  list.draw();
  if (had) list.box.focus({ preventScroll: true });
}

function closeTest() {
  if (state.t) go({ t: "", a: "" }, true);
}

function rerunCommand(row, test) {
  const file = index.files[index.rows.file[row]];
  const id = (test && test.test_id) || index.rows.address[row];
  return `mcp-test-harness run ${quoteShell(file || "SUITE")} --test ${quoteShell(id)}`;
}

function copyLink() {
  const link = state.t || (list.at >= 0 && index.rows.link[list.found[list.at]]);
  if (link) copyText(`${location.href.split("#")[0]}#t=${link}`);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("copied");
  } catch { say(text); } // not allowed here: then to be read
}

function say(text) {
  byId("said").textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { byId("said").textContent = ""; }, 6000);
}

// --- keys, theme

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") return escaped(event);
  const target = event.target;
  if (target.closest("input, select, textarea, dialog")) return;
  const acts = {
    "/": () => { closeSmall(); byId("search").focus(); },
    j: () => list.select(list.at + 1), k: () => list.select(list.at - 1),
    n: () => nextBad(1), p: () => nextBad(-1), c: copyLink, t: switchTheme, "?": toggleHelp,
  };
  const inList = target === list.box || target === document.body;
  if (inList) {
    acts.ArrowDown = acts.j;
    acts.ArrowUp = acts.k;
    acts.Home = () => list.select(0);
    acts.End = () => list.select(list.found.length - 1);
    acts.Enter = () => list.at >= 0 && openRow(list.found[list.at]);
  }
  if (!Object.hasOwn(acts, event.key)) return;
  event.preventDefault();
  acts[event.key]();
}

function escaped(event) {
  if (byId("help").open) return;
  if (event.target === byId("search")) { event.preventDefault(); list.box.focus({ preventScroll: true }); } else closeTest();
}

function closeSmall() {
  if (state.t && getComputedStyle(byId("detail")).position !== "fixed") closeTest();
}

function nextBad(step) {
  const at = list.bad(step);
  if (at === null) return say(step > 0 ? "no further failure" : "no earlier failure");
  list.select(at);
  if (state.t) go({ t: index.rows.link[list.found[at]], a: "" }, false);
}

function toggleHelp() {
  const help = byId("help");
  if (help.open) help.close();
  else help.showModal();
}

function switchTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  const next = dark ? "light" : "dark";
  applyTheme(next);
  try { localStorage.setItem("mcp-test-harness-theme", next); } catch { /* not kept, then */ }
}

function applyTheme(theme) {
  if (theme === "dark" || theme === "light") document.documentElement.setAttribute("data-theme", theme);
}

function cannotStart() {
  const note = "The list of all tests needs a newer browser (one that has DecompressionStream).";
  byId("tests").append(el("p", { class: "notice" }, note));
}

if (typeof DecompressionStream === "undefined") cannotStart();
else start().catch(() => byId("tests").append(el("p", { class: "notice" }, "The list of tests cannot be read: the file is damaged.")));
