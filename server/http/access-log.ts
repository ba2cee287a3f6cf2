// One line per request, without secrets, host names or queries: what an operator needs to find a request again, and no more.
import type { Outcome, RequestHead } from './exchange.ts';

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

export function accessLine(request: RequestHead, outcome: Outcome, now: number): AccessLine {
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
    // The clock may have been set back meanwhile.
    ms: Math.max(0, now - request.receivedAt),
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
  const text = `"access":"${line.access}","status":${line.status},"reason":"${line.reason}","method":${remembered(line.method)},"path":${quoted(line.path)},"app":${idText(line.app)},"user":${idText(line.user)},"client":"${line.client}","protocol":"${line.protocol}","bytes":${line.bytes},"received":${line.received},"ms":${line.ms}`;
  if (line.trace === null && line.upstreamMs === null) return text;
  return `${text},"upstreamMs":${line.upstreamMs},"retries":${line.retries},"trace":${line.trace === null ? 'null' : `"${line.trace}"`}`;
}

/** Printable ASCII but the quote and the backslash (RFC 8259 §7). */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A JSON string in ASCII. What a client sends writes no line of its own, and nothing that a terminal acts on. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text).replace(/[^ -~]/g, escaped);
}

function idText(id: string | null): string {
  return id === null ? 'null' : remembered(id);
}

const MAX_REMEMBERED = 5_000;
const known = new Map<string, string>();

/** Methods and ids come again and again: they are looked through once. */
function remembered(text: string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  const made = quoted(text);
  if (known.size < MAX_REMEMBERED) known.set(text, made);
  return made;
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
