// The tab of times: who worked when, and how long the calls of each tool took. Every chart has its numbers as text.
const MAX_LANES = 64;
const MAX_BARS = 2000;
const MAX_ITEMS = 24;
const WIDTH = 1000;
const LANE = 14;
const BINS = 24;
const BIN_LIMITS = [1, 600000]; // milliseconds, on a scale of logarithms

function timingView(index) {
  return [timeline(index), histograms(index)];
}

function timeline(index) {
  const lanes = lanesOf(index);
  const shown = lanes.slice(0, MAX_LANES);
  const total = Math.max(1, index.run_ms);
  const share = Math.max(1, Math.floor(MAX_BARS / Math.max(1, shown.length)));
  const bars = shown.flatMap((lane, at) =>
    merged(lane.bars, total, share).map((bar) =>
      svg("rect", {
        x: ((WIDTH * bar.start) / total).toFixed(1),
        y: at * LANE + 2,
        height: LANE - 4,
        width: Math.max(1, (WIDTH * (bar.end - bar.start)) / total).toFixed(1),
        class: bar.bad ? "o-failed" : "o-passed",
      }),
    ),
  );
  const rows = shown.map((lane) =>
    el(
      "li",
      {},
      el("strong", {}, lane.name),
      ` ${counted(lane.bars.length, "attempt")}, busy ${Math.round((100 * lane.busy) / total)} % of ${clock(index.run_ms)}, longest ${clock(lane.longest)}`,
    ),
  );
  return el(
    "div",
    {},
    el("h3", {}, `Workers, over ${clock(index.run_ms)}`),
    svg(
      "svg",
      {
        class: "timeline",
        viewBox: `0 0 ${WIDTH} ${Math.max(1, shown.length) * LANE}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      bars,
    ),
    el(
      "ul",
      { class: "lines" },
      rows,
      lanes.length > MAX_LANES ? el("li", {}, `and ${lanes.length - MAX_LANES} more workers`) : null,
    ),
  );
}

function lanesOf({ rows, earlier, workers, outcomes }) {
  const lanes = workers.map((name) => ({ name, bars: [], busy: 0, longest: 0 }));
  const add = (worker, start, took, bad) => {
    if (worker < 0 || start < 0) return;
    lanes[worker].bars.push({ start, end: start + took, bad });
    lanes[worker].longest = Math.max(lanes[worker].longest, took);
  };
  rows.worker.forEach((worker, row) =>
    add(worker, rows.start_ms[row], rows.took_ms[row], BAD.includes(outcomes[rows.outcome[row]])),
  );
  earlier.worker.forEach((worker, at) => add(worker, earlier.start_ms[at], earlier.took_ms[at], true));
  for (const lane of lanes) {
    lane.bars.sort((a, b) => a.start - b.start);
    lane.busy = busyTime(lane.bars);
  }
  return lanes.filter((lane) => lane.bars.length).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function busyTime(bars) {
  let busy = 0;
  let until = 0;
  for (const { start, end } of bars) {
    busy += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return busy;
}

// Bars of one colour that are less than a pixel apart are one; twice as far as often as it takes to be few.
function merged(bars, total, most) {
  for (let gap = total / WIDTH; ; gap *= 2) {
    const found = [];
    for (const bar of bars) {
      const last = found.at(-1);
      if (last && last.bad === bar.bad && bar.start - last.end < gap) last.end = Math.max(last.end, bar.end);
      else if (last && bar.end - last.start < gap) {
        last.end = Math.max(last.end, bar.end);
        last.bad ||= bar.bad;
      } else found.push({ ...bar });
    }
    if (found.length <= most) return found;
  }
}

function histograms(index) {
  const items = itemsOf(index);
  const shown = items.slice(0, MAX_ITEMS).map((item) =>
    el(
      "li",
      { class: "histogram" },
      el("a", { href: `#q=${encodeURIComponent(item.query)}` }, item.name),
      svg(
        "svg",
        {
          class: "histogram-bars",
          viewBox: `0 0 ${BINS * 4} 24`,
          preserveAspectRatio: "none",
          "aria-hidden": "true",
        },
        binBars(item.times),
      ),
      el(
        "span",
        {},
        `${counted(item.times.length, "test")}  p50 ${fine(quantile(item.times, 0.5))}  p95 ${fine(quantile(item.times, 0.95))}  p99 ${fine(quantile(item.times, 0.99))}`,
      ),
    ),
  );
  return el(
    "div",
    {},
    el("h3", {}, "Durations by tool, those that took most time first"),
    el("ul", { class: "histograms" }, shown),
    el(
      "p",
      { class: "dim" },
      `Bars from 1ms to 10m, each a third longer than the one before.`,
      items.length > MAX_ITEMS ? ` And ${items.length - MAX_ITEMS} more.` : "",
    ),
  );
}

function itemsOf({ rows, targets, tools }) {
  const found = new Map();
  rows.took_ms.forEach((took, row) => {
    if (rows.start_ms[row] < 0) return;
    const [target, tool] = [targets[rows.target[row]], tools[rows.tool[row]]];
    const name = tool ? `${target} / ${tool}` : target;
    const query = `t:"${target}"${tool ? ` item:"${tool}"` : ""}`;
    if (!found.has(name)) found.set(name, { name, query, times: [], sum: 0 });
    const item = found.get(name);
    item.times.push(took);
    item.sum += took;
  });
  const items = [...found.values()].sort((a, b) => b.sum - a.sum);
  for (const item of items) item.times.sort((a, b) => a - b);
  return items;
}

const quantile = (sorted, share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];

function binBars(times) {
  const [low, high] = BIN_LIMITS.map(Math.log);
  const bins = new Array(BINS).fill(0);
  for (const took of times) {
    const at = Math.floor((BINS * (Math.log(Math.max(took, 1)) - low)) / (high - low));
    bins[Math.min(BINS - 1, Math.max(0, at))]++;
  }
  const most = Math.max(...bins);
  return bins.map((count, at) =>
    svg("rect", {
      x: at * 4,
      width: "3",
      y: (24 - (24 * count) / most).toFixed(1),
      height: ((24 * count) / most).toFixed(1),
      class: "time",
    }),
  );
}
