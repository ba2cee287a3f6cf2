// Writes HTTP/1.1 messages: a head as text, a chunk as bytes, and small parts in one piece, since a write costs a system call.
import { STATUS_CODES } from 'node:http';

/** Up to here, copying a body behind its head is cheaper than handing the kernel two pieces. */
const COPIED_BYTES = 32 * 1024;

export const LAST_CHUNK = Buffer.from('0\r\n\r\n', 'latin1');

/** What bytes are written to; a socket, in clear text or over TLS. */
export type ByteSink = {
  write(chunk: Buffer, done?: (error?: Error | null) => void): boolean;
  write(chunk: string, encoding: BufferEncoding, done?: (error?: Error | null) => void): boolean;
  cork(): void;
  uncork(): void;
};

/** The head without its empty line, so that framing and connection headers can follow. */
export function requestHead(method: string, target: string, headers: readonly string[]): string {
  return `${method} ${target} HTTP/1.1\r\n${headerLines(headers)}`;
}

export function responseHead(status: number, headers: readonly string[]): string {
  return statusLine(status) + headerLines(headers);
}

export function headerLines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}

/** A whole head (with its empty line) and the first piece of the body. Returns what the sink said. */
export function writeHeadAndBody(
  sink: ByteSink,
  head: string,
  body: Buffer,
  done?: (error?: Error | null) => void,
): boolean {
  if (body.length > COPIED_BYTES) {
    sink.cork();
    sink.write(head, 'latin1');
    const hasRoom = sink.write(body, done);
    sink.uncork();
    return hasRoom;
  }
  const both = Buffer.allocUnsafe(head.length + body.length);
  both.write(head, 0, 'latin1');
  both.set(body, head.length);
  return sink.write(both, done);
}

/** One chunk, `head` in front of it when there is one (RFC 9112 §7.1). `body` is never empty: that would be the end. */
export function writeChunk(sink: ByteSink, head: string, body: Buffer): boolean {
  const size = `${head}${body.length.toString(16)}\r\n`;
  if (body.length > COPIED_BYTES) {
    sink.cork();
    sink.write(size, 'latin1');
    sink.write(body);
    const hasRoom = sink.write('\r\n', 'latin1');
    sink.uncork();
    return hasRoom;
  }
  const whole = Buffer.allocUnsafe(size.length + body.length + 2);
  whole.write(size, 0, 'latin1');
  whole.set(body, size.length);
  whole.write('\r\n', size.length + body.length, 'latin1');
  return sink.write(whole);
}

/** The end of a chunked body with trailers (RFC 9112 §7.1.2). */
export function lastChunk(trailers: readonly string[]): string {
  return `0\r\n${headerLines(trailers)}\r\n`;
}

const statusLines = new Map<number, string>();

function statusLine(status: number): string {
  let line = statusLines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    statusLines.set(status, line);
  }
  return line;
}
