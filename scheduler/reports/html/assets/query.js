// The search: tokens and free text that must all hold; the same token twice means either; a dash before one negates.
const FIELDS = { t: "target", suite: "suite", item: "tool", w: "worker" };
const WORDS = { t: "targets", suite: "suites", item: "tools", w: "workers" };
const UNITS = { ms: 1, s: 1000, m: 60000, h: 3600000, "": 1000 };
const BAD = ["failed", "error", "timeout"];

function tokensOf(text) {
  const found = [];
  const pattern = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/giy;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at])) {
      at++;
      continue;
    }
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) break;
    at = pattern.lastIndex;
    const value = match[3] ?? match[4];
    if (value) found.push({ not: match[1] === "-", key: (match[2] || "").toLowerCase(), value: value.toLowerCase() });
  }
  return found;
}

function compile(index, text) {
  const groups = new Map(); // what must hold: one test per key, any of its values
  const never = [];
  for (const token of tokensOf(text)) {
    const { key, holds } = predicate(index, token);
    if (token.not) never.push(holds);
    else if (key === "") groups.set(Symbol("text"), [holds]);
    else groups.set(key, [...(groups.get(key) || []), holds]);
  }
  const must = [...groups.values()];
  return (row) => must.every((any) => any.some((holds) => holds(row))) && !never.some((holds) => holds(row));
}

function predicate(index, { key, value }) {
  const { rows } = index;
  if (FIELDS[key]) return { key, holds: inSet(rows[FIELDS[key]], matching(index[WORDS[key]], value)) };
  if (key === "tag") {
    const sets = index.tag_sets.map((tags) => tags.toLowerCase().split("\n"));
    return {
      key,
      holds: inSet(
        rows.tags,
        placesOf(sets, (tags) => tags.includes(value)),
      ),
    };
  }
  if (key === "s")
    return {
      key,
      holds: inSet(
        rows.outcome,
        placesOf(index.outcomes, (word) => word === value),
      ),
    };
  if (key === "c") {
    const plain = value.replace(/^c(?=[0-9a-f]{8})/, "");
    return {
      key,
      holds: inSet(
        rows.cause,
        placesOf(index.causes, ({ handle }) => isCause(handle, value, plain)),
      ),
    };
  }
  if (key === "is") return { key, holds: isKind(index, value) };
  const limit = key === "" && /^([<>])(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(value);
  if (limit) return { key: limit[1], holds: longer(rows, limit) };
  return { key: "", holds: hasText(index, key ? `${key}:${value}` : value) };
}

const isCause = (handle, value, plain) => handle === value || (handle.length > 8 && handle.slice(1).startsWith(plain));

function longer(rows, [, sign, number, unit]) {
  const ms = Number(number) * UNITS[unit];
  return sign === ">" ? (row) => rows.took_ms[row] > ms : (row) => rows.took_ms[row] < ms;
}

function isKind(index, value) {
  const { rows } = index;
  const outcomes = value === "bad" ? BAD : [value];
  if (value === "new")
    return inSet(
      rows.cause,
      placesOf(index.causes, (cause) => cause.is_new),
    );
  if (value === "slow") {
    const ran = placesOf(index.outcomes, (word) => ["passed", "flaky", ...BAD].includes(word));
    return (row) => ran.has(rows.outcome[row]) && rows.took_ms[row] >= index.slow_ms;
  }
  if (value === "warned") return (row) => rows.warned[row] === 1;
  if (value === "retried") return (row) => rows.attempts[row] > 1;
  return inSet(
    rows.outcome,
    placesOf(index.outcomes, (word) => outcomes.includes(word)),
  );
}

function placesOf(words, wanted) {
  return new Set([...words.keys()].filter((at) => wanted(words[at])));
}

// A value that none has exactly is looked for inside.
function matching(words, value) {
  const exact = placesOf(words, (word) => word.toLowerCase() === value);
  return exact.size ? exact : placesOf(words, (word) => word.toLowerCase().includes(value));
}

const inSet = (column, places) => (row) => places.has(column[row]);

let lowered = null; // addresses and reasons in small letters, made at the first search

function hasText(index, value) {
  const { rows } = index;
  lowered ||= {
    address: rows.address.map((text) => text.toLowerCase()),
    reasons: index.reasons.map((text) => text.toLowerCase()),
  };
  const reasons = placesOf(lowered.reasons, (text) => text.includes(value));
  return (row) => lowered.address[row].includes(value) || reasons.has(rows.reason[row]);
}

function sortedRows(index, found, sort) {
  const { took_ms: took, address, number } = index.rows;
  const orders = {
    time: (a, b) => took[b] - took[a] || a - b,
    fast: (a, b) => took[a] - took[b] || a - b,
    name: (a, b) => (address[a] < address[b] ? -1 : address[a] > address[b] ? 1 : a - b),
    plan: (a, b) => number[a] - number[b],
  };
  return orders[sort] ? found.sort(orders[sort]) : found;
}
