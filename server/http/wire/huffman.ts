// Huffman-coded strings of HPACK (RFC 7541 §5.2, Appendix B), decoded a byte at a time.

/**
 * Bits of the code of each byte value, and of the end-of-string symbol behind them. The code is canonical: codes of one length
 * follow each other in the order of their symbols, and shorter ones come first, so the lengths say it all.
 */
// biome-ignore format: sixteen byte values a line
const CODE_LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];
const END_OF_STRING = 256;

/**
 * A tree with 256 branches a node, flat: at `node * 256 + byte` stands what the next eight bits lead to. Zero: no code begins
 * so. Below `LEAF`: another node. Else `LEAF + symbol * 16 + bits`, where `bits` of the eight belong to the code.
 */
const LEAF = 1 << 14;
const tree = buildTree();

function buildTree(): Uint16Array {
  const symbols = CODE_LENGTHS.map((bits, symbol) => ({ bits, symbol })).sort((a, b) => a.bits - b.bits);
  const nodes: number[][] = [new Array(256).fill(0)];
  let code = 0;
  let length = 0;
  for (const { bits, symbol } of symbols) {
    code = code * 2 ** (bits - length);
    length = bits;
    let node = 0;
    let left = bits;
    for (; left > 8; left -= 8) {
      const byte = Math.floor(code / 2 ** (left - 8)) & 255;
      const row = nodes[node] as number[];
      if (row[byte] === 0) row[byte] = nodes.push(new Array(256).fill(0)) - 1;
      node = row[byte] as number;
    }
    const first = (code << (8 - left)) & 255;
    // Whoever finds the end-of-string symbol in a text finds no code there (RFC 7541 §5.2).
    const leaf = symbol === END_OF_STRING ? 0 : LEAF + symbol * 16 + left;
    (nodes[node] as number[]).fill(leaf, first, first + 2 ** (8 - left));
    code += 1;
  }
  return Uint16Array.from(nodes.flat());
}

/** The shortest code has five bits. */
export function decodedBytesAtMost(codedBytes: number): number {
  return Math.floor((codedBytes * 8) / 5);
}

/**
 * Decodes `bytes[start, end)` into `out`, which has room for `decodedBytesAtMost`. Returns how many bytes it became, or -1 for
 * what is no such string: an unknown code, padding of a whole byte, or padding that is not the beginning of end-of-string.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let written = 0;
  let node = 0;
  let held = 0;
  let heldBits = 0;
  /** Bits since the last whole symbol. */
  let open = 0;
  for (let at = start; at < end; at += 1) {
    held = ((held << 8) | (bytes[at] as number)) & 0xffff;
    heldBits += 8;
    open += 8;
    while (heldBits >= 8) {
      const found = tree[node * 256 + ((held >> (heldBits - 8)) & 255)] as number;
      if (found === 0) return -1;
      if (found < LEAF) {
        node = found;
        heldBits -= 8;
        continue;
      }
      out[written] = (found - LEAF) >> 4;
      written += 1;
      heldBits -= found & 15;
      open = heldBits;
      node = 0;
    }
  }
  while (heldBits > 0) {
    const found = tree[node * 256 + ((held << (8 - heldBits)) & 255)] as number;
    if (found < LEAF || (found & 15) > heldBits) break;
    out[written] = (found - LEAF) >> 4;
    written += 1;
    heldBits -= found & 15;
    open = heldBits;
    node = 0;
  }
  if (open > 7 || (held & ((1 << heldBits) - 1)) !== (1 << heldBits) - 1) return -1;
  return written;
}
