// Serial numbers of zones (RFC 1982): 32 bits that only ever move forward.

const BITS = 2 ** 32;
const HALF = 2 ** 31;

/** The second of now where that lies ahead, and one more than before where a clock was set back: a serial never repeats. */
export function nextSerial(before: number, nowSeconds: number): number {
  const wanted = Math.floor(nowSeconds) % BITS;
  return isAfter(wanted, before) ? wanted : (before + 1) % BITS;
}

/** RFC 1982 §3.2. */
export function isAfter(one: number, other: number): boolean {
  const ahead = (one - other + BITS) % BITS;
  return ahead > 0 && ahead < HALF;
}
