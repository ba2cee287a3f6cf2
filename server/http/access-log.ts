// One line per request, without secrets, host names or queries: what an operator needs to find a request again, and no more.
import type { Outcome, RequestHead } from './exchange.ts';

/** The reason of a line whose answer was the app's, to a handshake that it did not want. */
export const REFUSED_UPGRADE = 'upstream-refused-upgrade';

export function newOutcome(): Outcome {
  return {
    status: 0,
    bytes: 0,
    received: 0,
    upstreamMs: null,
    retries: 0,
    trace: null,
    appId: null,
    userId: null,
    reason: '',
  };
}

/** `access` is the support id. The path goes without its query, whose parameters may be secrets. */
export type AccessLine = {
  access: string;
  status: number;
  reason: string;
  method: string;
  path: string;
  app: string | null;
  user: string | null;
  client: string;
  protocol: string;
  bytes: number;
  received: number;
  ms: number;
  upstreamMs: number | null;
  retries: number;
  trace: string | null;
};

/** `ms`: how long it took, by a clock that nobody sets (Z1). */
export function accessLine(request: RequestHead, outcome: Outcome, ms: number): AccessLine {
  const question = request.target.indexOf('?');
  return {
    access: request.supportId,
    status: outcome.status,
    reason: outcome.reason,
    method: request.method,
    path: question === -1 ? request.target : request.target.slice(0, question),
    app: outcome.appId,
    user: outcome.userId,
    client: request.clientAddress,
    protocol: request.protocol,
    bytes: outcome.bytes,
    received: outcome.received,
    ms,
    upstreamMs: outcome.upstreamMs,
    retries: outcome.retries,
    trace: outcome.trace,
  };
}

/**
 * The members of the line's JSON object, without its braces. Written by hand, since JSON.stringify of an object costs twice
 * as much as all of this. What concerns an upstream is left out where none was asked.
 */
export function accessText(line: AccessLine): string {
  const text = `"access":"${line.access}","status":${line.status},"reason":"${line.reason}","method":${quoted(line.method)},"path":${pathText(line.path)},"app":${idText(line.app)},"user":${idText(line.user)},"client":"${line.client}","protocol":"${line.protocol}","bytes":${line.bytes},"received":${line.received},"ms":${Math.round(line.ms)}`;
  if (line.trace === null && line.upstreamMs === null) return text;
  const upstreamMs = line.upstreamMs === null ? null : Math.round(line.upstreamMs);
  return `${text},"upstreamMs":${upstreamMs},"retries":${line.retries},"trace":${line.trace === null ? 'null' : `"${line.trace}"`}`;
}

/** Printable ASCII but the quote and the backslash (RFC 8259 §7). */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A JSON string in ASCII. What a client sends writes no line of its own, and nothing that a terminal acts on. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text).replace(/[^ -~]/g, escaped);
}

/** No line is too long for one write (log-file.ts), whatever a client asks for. */
const MAX_PATH = 2_048;

/** Where a path is cut, its length follows. Escaped, a character takes up to six. */
function pathText(path: string): string {
  const text = quoted(path.slice(0, MAX_PATH));
  if (path.length <= MAX_PATH && text.length <= MAX_PATH + 2) return text;
  const fitting = text.length <= MAX_PATH + 2 ? text : quoted(path.slice(0, MAX_PATH / 6));
  return `${fitting},"pathLength":${path.length}`;
}

function idText(id: string | null): string {
  return id === null ? 'null' : quoted(id);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
