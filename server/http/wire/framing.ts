// Where the body of an HTTP/1.1 message ends (RFC 9112 §6): one answer, or a refusal where two could be read out of it.

export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  /** A response that ends with its connection. */
  | { kind: 'until-close' }
  /** `problem` is for the log. */
  | { kind: 'bad'; problem: string };

const NONE: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };
const UNTIL_CLOSE: Framing = { kind: 'until-close' };

/** At most 2^53 - 1, without sign, list or base. */
const LENGTH = /^[0-9]{1,15}$/;

/** RFC 9112 §6.3: a request that states no length has no body. */
export function requestFraming(minor: 0 | 1, headers: readonly string[]): Framing {
  const stated = statedFraming(minor, headers);
  return stated ?? NONE;
}

/**
 * RFC 9112 §6.3: `method` is the request's. What answers HEAD, and 1xx, 204 and 304, has no body whatever it states; other answers that state
 * nothing end with their connection. What contradicts itself is bad everywhere.
 */
export function responseFraming(method: string, status: number, minor: 0 | 1, headers: readonly string[]): Framing {
  const stated = statedFraming(minor, headers);
  if (stated?.kind === 'bad') return stated;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NONE;
  return stated ?? UNTIL_CLOSE;
}

/** What Content-Length and Transfer-Encoding say; null when neither is there. */
function statedFraming(minor: 0 | 1, headers: readonly string[]): Framing | null {
  let length: string | null = null;
  let coding: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== null) return bad('Content-Length stands there twice.');
      length = headers[i + 1] as string;
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (coding !== null) return bad('Transfer-Encoding stands there twice.');
      coding = headers[i + 1] as string;
    }
  }
  if (coding !== null) {
    if (length !== null) return bad('Content-Length and Transfer-Encoding contradict each other.');
    if (minor === 0) return bad('HTTP/1.0 has no Transfer-Encoding.');
    return coding.toLowerCase() === 'chunked' ? CHUNKED : bad('The transfer coding is not chunked.');
  }
  if (length === null) return null;
  return LENGTH.test(length) ? { kind: 'length', bytes: Number(length) } : bad('Content-Length is no number.');
}

/** What the head of an answer of ours says of its length; null where it says nothing. */
export function statedLength(headers: readonly string[]): number | null {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length') return Number(headers[i + 1]);
  }
  return null;
}

function bad(problem: string): Framing {
  return { kind: 'bad', problem };
}
