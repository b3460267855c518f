// Keys and themes.
const KEYS = {
  "/": "search",
  "j k, arrows": "next, previous test",
  Enter: "open the test",
  Esc: "close it; leave the search",
  "n p": "next, previous test that did not pass",
  c: "copy a link to the test",
  t: "dark or light",
  "?": "these keys",
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") return escaped(event);
  const target = event.target;
  if (target.closest("input, select, textarea, dialog")) return;
  const acts = {
    "/": () => {
      closeSmall();
      byId("search").focus();
    },
    j: () => list.select(list.at + 1),
    k: () => list.select(list.at - 1),
    n: () => nextBad(1),
    p: () => nextBad(-1),
    c: copyLink,
    t: switchTheme,
    "?": toggleHelp,
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
  if (event.target === byId("search")) {
    event.preventDefault();
    list.box.focus({ preventScroll: true });
  } else closeTest();
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
  try {
    localStorage.setItem("mcp-test-harness-theme", next);
  } catch {
    /* not kept, then */
  }
}

function applyTheme(theme) {
  if (theme === "dark" || theme === "light") document.documentElement.setAttribute("data-theme", theme);
}
