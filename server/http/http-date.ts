// The time as HTTP writes it (RFC 9110 §5.6.7).

let second = Number.NaN;
let text = '';

/** `at`: epoch milliseconds. One text a second is all that a busy gateway makes. */
export function httpDate(at: number): string {
  const now = Math.floor(at / 1000);
  if (now !== second) [second, text] = [now, new Date(now * 1000).toUTCString()];
  return text;
}
