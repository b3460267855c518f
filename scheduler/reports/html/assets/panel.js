// The panel of one test: opened by its link, closed by Esc or the way back.
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
  try {
    test = await detailOf(index, row);
  } catch {
    return fillPanel([closeButton(), el("p", {}, "The detail of this test cannot be read: the file is damaged.")]);
  }
  if (shownTest !== wanted) return;
  fillPanel(
    detailView(index, row, test, state.a === "" ? -1 : Number(state.a) - 1, {
      close: closeTest,
      copyLink,
      copyRerun: () => copyText(rerunCommand(row, test)),
      attempt: (at) => go({ a: String(at + 1) }, false),
    }),
  );
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

const unknownTest = () => [
  closeButton(),
  el("h2", { id: "detail-title", tabindex: "-1" }, "Not in this file"),
  el("p", {}, `This file has no test ${state.t.slice(0, 80)}.`),
];

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
  } catch {
    say(text);
  } // not allowed here: then to be read
}

function say(text) {
  byId("said").textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => {
    byId("said").textContent = "";
  }, 6000);
}
