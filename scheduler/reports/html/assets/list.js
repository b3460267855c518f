// The list of tests: only the rows that can be seen are in the page, however many there are.
const SIGNS = { passed: "✓", flaky: "↻", failed: "✗", error: "✗", timeout: "✗" };
const OVERSCAN = 8;

class TestList {
  constructor(index, open) {
    Object.assign(this, { index, open, found: [], at: -1 });
    this.narrow = matchMedia("(max-width: 700px)");
    this.space = el("div", { class: "space", role: "presentation" });
    this.none = el("p", { class: "nothing", hidden: "" }, "No test matches.");
    this.box = el("div", { id: "list", role: "listbox", tabindex: "0", "aria-label": "Tests" }, this.space);
    this.box.addEventListener("scroll", () => this.later());
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.narrow.addEventListener("change", () => this.draw());
    addEventListener("resize", () => this.later());
  }

  get height() {
    return this.narrow.matches ? 44 : 28;
  }

  show(found) {
    const selected = this.found[this.at];
    this.found = found;
    this.at = selected === undefined ? -1 : found.indexOf(selected);
    this.box.scrollTop = 0;
    this.box.style.setProperty("--rows", String(Math.max(2, found.length)));
    this.none.hidden = found.length > 0;
    this.draw();
  }

  later() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.draw();
    });
  }

  draw() {
    const { height, found, box, space } = this;
    space.style.height = `${found.length * height}px`;
    const first = Math.max(0, Math.floor(box.scrollTop / height) - OVERSCAN);
    const last = Math.min(found.length, Math.ceil((box.scrollTop + box.clientHeight) / height) + OVERSCAN);
    const rows = [];
    for (let at = first; at < last; at++) rows.push(this.row(at));
    if (this.at >= 0 && (this.at < first || this.at >= last)) rows.push(this.row(this.at)); // what is active exists
    space.replaceChildren(...rows);
    if (this.at >= 0) box.setAttribute("aria-activedescendant", `row-${this.at}`);
    else box.removeAttribute("aria-activedescendant");
  }

  row(at) {
    const { index, found } = this;
    const row = found[at];
    const { rows } = index;
    const word = index.outcomes[rows.outcome[row]];
    const address = rows.address[row];
    const cut = address.lastIndexOf("/") + 1;
    const made = el(
      "div",
      {
        id: `row-${at}`,
        class: `row o-${word}`,
        role: "option",
        "aria-selected": at === this.at ? "true" : "false",
        "aria-setsize": found.length,
        "aria-posinset": at + 1,
      },
      el(
        "span",
        { class: "word" },
        el("span", { "aria-hidden": "true" }, SIGNS[word] || "-"),
        ` ${word.replace("_", " ")}`,
      ),
      el("span", { class: "took" }, clock(rows.took_ms[row])),
      el(
        "span",
        { class: "address" },
        el("span", { class: "front" }, address.slice(0, cut)),
        el("span", { class: "last" }, address.slice(cut)),
      ),
      el("span", { class: "why" }, rows.warned[row] ? "(warned) " : "", index.reasons[rows.reason[row]]),
    );
    made.style.transform = `translateY(${at * this.height}px)`;
    return made;
  }

  clicked(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    this.select(Number(row.getAttribute("aria-posinset")) - 1);
    this.open(this.found[this.at]);
  }

  select(at) {
    if (!this.found.length) return;
    this.at = Math.max(0, Math.min(this.found.length - 1, at));
    const top = this.at * this.height;
    const { box } = this;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + this.height > box.scrollTop + box.clientHeight) box.scrollTop = top + this.height - box.clientHeight;
    this.draw();
  }

  selectRow(row) {
    const at = this.found.indexOf(row);
    if (at >= 0) this.select(at);
  }

  // The next bad test after (or before) the selected one; null when there is none.
  bad(step) {
    const { index, found } = this;
    for (let at = this.at + step; at >= 0 && at < found.length; at += step) {
      if (BAD.includes(index.outcomes[index.rows.outcome[found[at]]])) return at;
    }
    return null;
  }
}
