// The page: its head, its tabs, its list of tests; and how it starts.
const TABS = {
  tests: "Tests",
  servers: "Servers",
  flaky: "Flaky",
  warned: "Warned",
  slow: "Slow",
  "left-out": "Not run",
  timing: "Timing",
  about: "About",
};
const SORTS = {
  "": "failures first",
  time: "longest first",
  fast: "shortest first",
  name: "by name",
  plan: "as planned",
};
const TOKENS =
  's:failed  t:SERVER  suite:NAME  item:TOOL  c:CAUSE  tag:WORD  w:WORKER  is:new|bad|flaky|slow|warned|retried  >5s  <100ms  -not  "two words"';

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
  addEventListener("beforeprint", () =>
    document.querySelectorAll("details.cause").forEach((cause) => {
      cause.open = true;
    }),
  );
  readAddress();
  document.documentElement.setAttribute("data-ready", "");
  performance.mark("ready");
}

function buildTools() {
  const search = el("input", {
    id: "search",
    type: "search",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "Search  /",
    "aria-label": "Search tests",
    "aria-describedby": "search-help",
    "aria-keyshortcuts": "/",
  });
  search.addEventListener("input", () => go({ q: search.value, tab: "" }, false));
  const help = button("?", toggleHelp, { "aria-label": "Keys and search words", "aria-keyshortcuts": "?" });
  const theme = button("◐", switchTheme, { "aria-label": "Dark or light", "aria-keyshortcuts": "t" });
  const hits = el("span", { id: "hits", "aria-hidden": "true" }); // on a small screen the list is below the fold
  document.querySelector("header").append(el("div", { class: "tools", role: "search" }, search, hits, help, theme));
  const dialog = el(
    "dialog",
    { id: "help", "aria-label": "Keys and search words" },
    el("h2", {}, "Keys"),
    el(
      "dl",
      { class: "facts-list" },
      Object.entries(KEYS).flatMap(([key, text]) => [el("dt", {}, key), el("dd", {}, text)]),
    ),
    el("h2", {}, "Search"),
    el("p", { id: "search-help" }, TOKENS),
    button("close", () => dialog.close()),
  );
  document.body.append(dialog, el("div", { id: "said", role: "status", class: "toast" }));
  try {
    applyTheme(localStorage.getItem("mcp-test-harness-theme"));
  } catch {
    /* a sandboxed frame has no storage */
  }
}

function buildTests() {
  const sort = el(
    "select",
    { id: "sort", "aria-label": "Order" },
    Object.entries(SORTS).map(([value, words]) => el("option", { value }, words)),
  );
  sort.addEventListener("change", () => go({ sort: sort.value }, false));
  const tests = byId("tests");
  tests.querySelectorAll("noscript").forEach((note) => note.remove());
  const clear = button("", () => go({ q: "" }, false), { id: "clear", "aria-label": "Show all tests" });
  const head = el("p", { class: "list-head" }, el("span", { id: "status", role: "status" }), " ", clear, " ", sort);
  tests.append(head, list.none, list.box);
}

function buildTabs() {
  byId("about").before(
    el("section", { id: "timing", "aria-labelledby": "timing-title" }, el("h2", { id: "timing-title" }, "Timing")),
  );
  const tabs = Object.keys(TABS)
    .filter(byId)
    .map((name) => {
      const title = byId(name).querySelector("h2").textContent;
      const tab = button(title, () => go({ tab: name === "tests" ? "" : name }, false), {
        id: `tab-${name}`,
        role: "tab",
        "aria-controls": name,
      });
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

function cannotStart() {
  const note = "The list of all tests needs a newer browser (one that has DecompressionStream).";
  byId("tests").append(el("p", { class: "notice" }, note));
}

if (typeof DecompressionStream === "undefined") cannotStart();
else
  start().catch(() =>
    byId("tests").append(el("p", { class: "notice" }, "The list of tests cannot be read: the file is damaged.")),
  );
