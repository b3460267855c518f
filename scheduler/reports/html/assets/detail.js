// One test: attempts, checks, requests and answers, stderr, usage.
const STATES = { failed: "✗ failed", warned: "! warned", held: "✓ held" };
const MAX_HITS = 200;
const STATE_CLASS = { failed: "o-failed", warned: "o-flaky", held: "o-passed" };

function detailView(index, row, test, attempt, actions) {
  const { rows } = index;
  const word = index.outcomes[rows.outcome[row]];
  const parts = [
    el(
      "p",
      { class: "bar-of-buttons" },
      button("← close", actions.close, { class: "close" }),
      button("copy link", actions.copyLink),
      button("copy rerun command", actions.copyRerun),
    ),
    el("h2", { id: "detail-title", tabindex: "-1" }, rows.address[row]),
    el(
      "p",
      { class: "verdict-line" },
      el("strong", { class: `o-${word}` }, `${SIGNS[word] || "-"} ${word.replace("_", " ").toUpperCase()}`),
      ` ${clock(rows.took_ms[row])}`,
      rows.warned[row] ? " (warned)" : "",
      causeLink(index, row),
      place(index, row),
    ),
  ];
  if (!test) return [...parts, ...rowOnly(index, row)];
  if (test.reason) parts.push(el("p", { class: "reason" }, test.reason));
  const attempts = test.attempts || [];
  const chosen = attempts[attempt] ? attempt : test.decides || 0;
  if (attempts.length > 1) parts.push(strip(attempts, chosen, actions.attempt));
  if (attempts[chosen]) parts.push(...attemptView(attempts[chosen], chosen, attempts.length));
  if (test.history && test.history.length > 1) parts.push(...historyView(test.history));
  return parts;
}

function rowOnly(index, row) {
  const reason = index.reasons[index.rows.reason[row]];
  return [
    reason ? el("p", { class: "reason" }, reason) : null,
    el("p", { class: "dim" }, "This file holds no more of this test than its row."),
    el("pre", {}, `mcp-test-harness attempts ${index.run_id} ${quoteShell(index.rows.address[row])}`),
  ];
}

function causeLink(index, row) {
  const cause = index.causes[index.rows.cause[row]];
  return cause
    ? [
        " ",
        el("a", { href: `#q=c:${encodeURIComponent(cause.handle)}` }, `${cause.is_new ? "NEW " : ""}${cause.title}`),
      ]
    : null;
}

function place(index, row) {
  const file = index.files[index.rows.file[row]];
  return file ? el("span", { class: "dim" }, ` ${file}:${index.rows.line[row]}`) : null;
}

const quoteShell = (text) => (/^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

function strip(attempts, chosen, choose) {
  const made = attempts.map((attempt, at) =>
    button(`${at + 1} ${attempt.outcome.toUpperCase()} ${attempt.worker}`, () => choose(at), {
      class: `attempt o-${attempt.outcome.replace(" ", "_")}`,
      "aria-pressed": at === chosen ? "true" : "false",
    }),
  );
  return el("div", { class: "strip", role: "group", "aria-label": "Attempts" }, made);
}

function attemptView(attempt, at, of) {
  const trees = [];
  const checks = attempt.checks || [];
  const exchanges = (attempt.exchanges || []).map((exchange) => exchangeView(exchange, checks, trees));
  return [
    el("h3", {}, of > 1 ? `Attempt ${at + 1} of ${of}` : "Attempt"),
    el(
      "p",
      { class: "dim" },
      [attempt.started, clock(attempt.took_ms || 0), attempt.worker, attempt.note].filter(Boolean).join("   "),
    ),
    attempt.cause && !(checks.length && attempt.cause.startsWith("check"))
      ? el("p", { class: "reason" }, attempt.cause)
      : null,
    phasesView(attempt.phases || []),
    ...checksView(checks, trees),
    ...exchanges.flat(),
    attempt.exchanges_left_out
      ? el("p", { class: "dim" }, `and ${counted(attempt.exchanges_left_out, "more request")}`)
      : null,
    ...textView(attempt.stderr_title || "stderr", attempt.stderr),
    ...Object.entries(attempt.scripts || {}).flatMap(([name, text]) => textView(`stderr of the script ${name}`, text)),
    ...limitsView(attempt, checks),
    ...factsView(attempt),
  ];
}

function phasesView(phases) {
  const total = phases.reduce((sum, phase) => sum + phase.took_ms, 0);
  if (!total) return null;
  let x = 0;
  const bars = phases.map((phase) => {
    const width = (100 * phase.took_ms) / total;
    const bar = svg("rect", { x: x.toFixed(2), width: width.toFixed(2), height: "8", class: `phase-${phase.name}` });
    x += width;
    return bar;
  });
  const words = phases.map((phase) =>
    el(
      "span",
      { class: "legend" },
      svg(
        "svg",
        { class: "swatch", viewBox: "0 0 8 8", "aria-hidden": "true" },
        svg("rect", { width: "8", height: "8", class: `phase-${phase.name}` }),
      ),
      ` ${phase.name} ${fine(phase.took_ms)}`,
    ),
  );
  return el(
    "div",
    { class: "phases" },
    svg("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, bars),
    el("p", {}, words),
  );
}

function checksView(checks, trees) {
  if (!checks.length) return [];
  const shown = checks.filter((check) => check.state !== "held");
  const held = checks.filter((check) => check.state === "held");
  const parts = [
    el(
      "h3",
      {},
      `Checks: ${shown.length ? `${shown.length} of ` : "all "}${checks.length} ${shown.length ? "did not hold" : "held"}`,
    ),
  ];
  if (shown.length) parts.push(checkTable(shown, trees));
  if (held.length) {
    const folded = el("details", {}, el("summary", {}, `${counted(held.length, "check")} held`));
    folded.addEventListener("toggle", () => folded.children.length === 1 && folded.append(checkTable(held, trees)));
    parts.push(folded);
  }
  return parts;
}

function checkTable(checks, trees) {
  const head = ["state", "path", "check", "expected", "got"].map((name) => el("th", { scope: "col" }, name));
  const body = checks.flatMap((check) => [
    el(
      "tr",
      {},
      el(
        "td",
        { class: `state ${STATE_CLASS[check.state]}` },
        STATES[check.state],
        check.step ? el("span", { class: "dim" }, ` ${check.step}`) : null,
      ),
      el("td", {}, label("path"), pathPart(check, trees)),
      el("td", {}, label("check"), check.check),
      el("td", { class: "expected" }, label("expected"), el("code", {}, check.expected || "-")),
      el(
        "td",
        { class: "got" },
        label("got"),
        check.state === "held" ? "as expected" : el("code", {}, check.actual || "-"),
      ),
    ),
    check.diff ? el("tr", { class: "diff-row" }, el("td", { colspan: "5" }, diffView(check.diff))) : null,
  ]);
  return el("table", { class: "checks" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body));
}

const label = (text) => el("span", { class: "label", "aria-hidden": "true" }, text);

function pathPart(check, trees) {
  const tree = check.path && trees.find((one) => one.step === (check.step || "") && one.paths(check.path).length);
  if (!tree) return check.path || "-";
  return button(check.path, () => tree.reveal(tree.paths(check.path)[0]), { class: "path" });
}

function diffView(diff) {
  const kinds = { "-": "minus", "+": "plus", "~": "other", "!": "other", "@": "dim" };
  const lines = diff.split("\n").map((line) => el("span", { class: `d ${kinds[line[0]] || ""}` }, `${line}\n`));
  return el("pre", { class: "diff", tabindex: "0", "aria-label": "difference" }, lines);
}

function exchangeView(exchange, checks, trees) {
  const step = exchange.step || "";
  const title = [step && `${step}:`, exchange.method || "call", exchange.name].filter(Boolean).join(" ");
  const paths = checks
    .filter((check) => check.state !== "held" && (check.step || "") === step)
    .map((check) => check.path);
  const response = exchange.response === undefined ? null : exchange.response;
  const hits = paths
    .filter(Boolean)
    .flatMap((path) => resolvePath(response, path))
    .slice(0, MAX_HITS);
  const parts = [el("h3", {}, title)];
  if (exchange.has_request !== false)
    parts.push(body("request", exchange.request ?? null, exchange.request_bytes, []).element);
  const answer = body(exchange.is_error ? "answer: an error" : "answer", response, exchange.response_bytes, hits);
  trees.push({ step, paths: (path) => resolvePath(response, path), reveal: answer.reveal });
  const took =
    exchange.took_ms === undefined || exchange.took_ms === null
      ? "no answer"
      : `answered after ${fine(exchange.took_ms)}`;
  parts.push(
    el("p", { class: "dim" }, took + (exchange.is_cut ? "; shown in part, what was cut is marked or ends in …" : "")),
    answer.element,
  );
  return parts;
}

function body(name, value, size, hits) {
  const tree = jsonTree(value, hits);
  const raw = el("pre", { hidden: true, tabindex: "0", "aria-label": `${name}, raw` });
  const toggle = button("raw", () => {
    raw.textContent ||= pretty(value);
    raw.hidden = !raw.hidden;
    tree.element.hidden = !raw.hidden;
    toggle.textContent = raw.hidden ? "raw" : "tree";
  });
  const copy = button("copy", () => copyText(pretty(value)));
  const head = el("p", { class: "body-head" }, el("strong", {}, name), size ? ` ${sized(size)} ` : " ", toggle, copy);
  return {
    element: el("div", { class: "body" }, head, tree.element, raw),
    reveal: (path) => {
      if (!raw.hidden) toggle.click();
      return tree.reveal(path);
    },
  };
}

function textView(title, text) {
  return text ? [el("h3", {}, title), el("pre", { class: "text", tabindex: "0", "aria-label": title }, text)] : [];
}

// What was used, and of it what was allowed, where a check says so.
function limitsView(attempt, checks) {
  const { usage, samples } = attempt;
  const parts = [];
  for (const check of checks.filter(({ check: name }) => /^(max|min)_|p\d\d_/.test(name))) {
    const [allowed, used] = [check.expected, check.actual].map((text) =>
      parseFloat((/[\d.]+/.exec((text || "").replaceAll(",", "")) || [])[0]),
    );
    if (allowed > 0 && used >= 0) parts.push(limitBar(check, used, allowed));
  }
  if (usage) {
    const words = [
      usage.memory_peak_bytes ? `memory ${sized(usage.memory_peak_bytes)}` : "",
      usage.cpu_s !== undefined && usage.cpu_s !== null ? `CPU ${usage.cpu_s.toFixed(2)}s` : "",
      usage.processes ? `processes ${usage.processes}` : "",
    ];
    parts.push(
      el("p", {}, `server used: ${words.filter(Boolean).join(", ")}${usage.sampled === false ? "" : " (sampled)"}`),
    );
  }
  if (samples) {
    const times = ["p50", "p90", "p95", "p99", "max"].map((name) => `${name} ${fine(samples[`${name}_s`] * 1000)}`);
    parts.push(
      el(
        "p",
        {},
        `${counted(samples.calls, "call")}, ${samples.passed} passed, ${times.join(", ")}, ${samples.ops_per_s.toFixed(1)} per second`,
      ),
    );
  }
  return parts.length ? [el("h3", {}, "Used and allowed"), ...parts] : [];
}

function limitBar(check, used, allowed) {
  const width = Math.min(100, (100 * used) / Math.max(used, allowed));
  const state = check.state === "failed" ? "o-failed" : "o-passed";
  return el(
    "p",
    { class: "limit" },
    `${check.check}: ${check.actual}, ${check.expected}`,
    svg(
      "svg",
      { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: width.toFixed(1), height: "8", class: state }),
    ),
  );
}

function factsView(attempt) {
  const session = attempt.session || {};
  const facts = {
    server: [session.server_name, session.server_version].filter(Boolean).join(" "),
    protocol: session.protocol_version,
    session:
      session.session_id &&
      `${session.session_id}, call ${(session.position || 0) + 1}${session.others_in_flight ? `, ${session.others_in_flight} others in flight` : ""}${session.confirmed ? ", confirmed on a fresh one" : ""}`,
    worker: attempt.worker,
    notes: (attempt.notes || []).join("\n"),
    evidence: attempt.evidence,
  };
  const rows = Object.entries(facts)
    .filter(([, text]) => text)
    .flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]);
  return rows.length ? [el("h3", {}, "Where"), el("dl", { class: "facts-list" }, rows)] : [];
}

function historyView(history) {
  const oldest = [...history].reverse();
  const signs = oldest.map((entry) =>
    el(
      "span",
      { class: `past o-${entry.outcome.replace(" ", "_")}`, title: `${entry.run_id} ${entry.at} ${entry.outcome}` },
      SIGNS[entry.outcome] || "-",
    ),
  );
  const rows = history.map((entry) =>
    el(
      "li",
      {},
      `${entry.at.slice(0, 10)} ${entry.run_id} ${entry.outcome} ${clock(entry.took_ms)} ${entry.server || ""} ${entry.reason || ""}`,
    ),
  );
  return [
    el("h3", {}, `Last ${counted(history.length, "run")}`),
    el("p", { class: "past-strip", "aria-hidden": "true" }, signs),
    el("details", {}, el("summary", {}, "each run"), el("ul", { class: "lines" }, rows)),
  ];
}
