// Reads HTTP/1.1 messages off a byte stream without correcting anything: what a recording upstream and a bare client share.

/** All text is latin1: one character is one byte. */
export type Message = {
  /** The request line or the status line. */
  start: string;
  /** Flat names and values as they came; only one space behind the colon is taken off. */
  headers: string[];
  framing: 'none' | 'length' | 'chunked' | 'close';
  body: string;
  trailers: string[];
  /** False when the stream ended, or has not got further, inside the message. */
  complete: boolean;
  /** Bytes taken off the stream. */
  length: number;
};

export type BodyRule = (start: string, headers: readonly string[]) => Message['framing'];

/** The message at the start of `text`, perhaps incomplete; null while its head is. */
export function readMessage(text: string, over: boolean, rule: BodyRule): Message | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const [start = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const headers = lines.flatMap(field);
  const head = { start, headers, trailers: [], framing: rule(start, headers) };
  const from = headEnd + 4;
  switch (head.framing) {
    case 'none':
      return { ...head, body: '', complete: true, length: from };
    case 'length': {
      const bytes = Number(valuesOf(headers, 'content-length')[0]);
      const body = text.slice(from, from + bytes);
      return { ...head, body, complete: body.length === bytes, length: from + body.length };
    }
    case 'chunked':
      return { ...head, ...readChunks(text, from) };
    case 'close':
      return { ...head, body: text.slice(from), complete: over, length: text.length };
    default:
      return head.framing satisfies never;
  }
}

/** RFC 9112 §6.3 for requests. */
export const requestBody: BodyRule = (_start, headers) => {
  if (valuesOf(headers, 'transfer-encoding').length > 0) return 'chunked';
  return valuesOf(headers, 'content-length').length > 0 ? 'length' : 'none';
};

/** RFC 9112 §6.3 for answers to a request of this method. */
export function answerBody(method: string): BodyRule {
  return (start, headers) => {
    const status = statusOf(start);
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none';
    if (valuesOf(headers, 'transfer-encoding').length > 0) return 'chunked';
    return valuesOf(headers, 'content-length').length > 0 ? 'length' : 'close';
  };
}

export function statusOf(start: string): number {
  return Number(start.split(' ')[1]);
}

/** RFC 9110 §15.2: more follows. */
export function isInformational(start: string): boolean {
  const status = statusOf(start);
  return status >= 100 && status < 200;
}

/** `name` is lower case. */
export function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_value, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name);
}

function readChunks(text: string, from: number): Pick<Message, 'body' | 'trailers' | 'complete' | 'length'> {
  let body = '';
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(text.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) return { body, trailers: [], complete: false, length: text.length };
    if (size === 0) break;
    const data = text.slice(lineEnd + 2, lineEnd + 2 + size);
    body += data;
    at = lineEnd + 2 + size + 2;
    if (data.length < size || at > text.length) return { body, trailers: [], complete: false, length: text.length };
  }
  const lastLine = text.indexOf('\r\n', at);
  const end = text.indexOf('\r\n\r\n', lastLine);
  if (end === -1) return { body, trailers: [], complete: false, length: text.length };
  const trailers =
    end === lastLine
      ? []
      : text
          .slice(lastLine + 2, end)
          .split('\r\n')
          .flatMap(field);
  return { body, trailers, complete: true, length: end + 4 };
}

function field(line: string): string[] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
