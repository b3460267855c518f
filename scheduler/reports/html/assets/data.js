// Unpacks what the file holds: the index when the page opens, a block of details when one of its tests does.
const KEPT_BLOCKS = 20;
const blocks = new Map();

async function unpack(id) {
  const packed = byId(id).textContent;
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(packed) : fromBase64(packed);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function fromBase64(packed) {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

async function detailOf(index, row) {
  const block = index.rows.block[row];
  if (block < 0) return null;
  const tests = blocks.get(block) || (await unpack(`block-${block}`));
  blocks.delete(block);
  blocks.set(block, tests); // the newest last
  if (blocks.size > KEPT_BLOCKS) blocks.delete(blocks.keys().next().value);
  return tests[index.rows.place[row]];
}
