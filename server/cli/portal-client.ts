// Asks a portal's API from the command line; whatever goes wrong on the way becomes a sentence.
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { readAuthorities } from '../certs/authorities.ts';
import { type Address, familyOf, parseAddress } from '../core/address.ts';
import { parseHostname } from '../core/hostname.ts';
import { parsePortal } from '../core/snapshot.ts';
import { systemAuthorities } from '../dial/upstream-tls.ts';

/** Of the API (`path` below /api/v1, with a JSON body), or a form (RFC 6749 §3.2) to a path of the portal. `token` null: none is sent. */
export type Question =
  | { method: 'GET' | 'POST' | 'PATCH'; path: string; token: string | null; body?: object }
  | { method: 'POST'; path: string; form: Readonly<Record<string, string>> };

/** `json` is whatever came; `detail` is what a refusal says, `error` its code where a form was refused (RFC 6749 §5.2). */
export type Asked =
  | { kind: 'answer'; status: number; json: unknown }
  | { kind: 'refused'; status: number; detail: string; error: string | null }
  | { kind: 'unreachable'; sentence: string };

export type PortalClient = { origin: string; ask(question: Question, signal?: AbortSignal): Promise<Asked> };

/** Where the portal was reached last, for when its name cannot be looked up: this machine's resolver may be the one that is down. */
export type PortalAddress = { read(): Address | null; save(address: Address): void };

const TIMEOUT_MS = 10_000;
/** A lookup that takes longer is given up where the portal's last address is known. */
const LOOKUP_MS = 3_000;
/** A list of a hundred thousand machines, with room. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export type ReadPortal = { kind: 'portal'; origin: string } | { kind: 'invalid'; sentence: string };

/** `portal.example.com` is https. Without TLS a token would be everybody's on the way: only this machine's own portal may do that. */
export function readPortalUrl(text: string): ReadPortal {
  const typed = text.trim().replace(/\/$/, '');
  const portal = parsePortal(typed.includes('://') ? typed : `https://${typed}`, parseHostname);
  if (!portal) {
    return invalid(`${JSON.stringify(text)} is no portal address. Write one such as https://portal.example.com.`);
  }
  if (portal.scheme === 'http' && !isLocal(portal.hostname)) {
    return invalid(
      `${portal.origin} is not encrypted, so nobody’s token is sent there. Write https://${portal.hostname}.`,
    );
  }
  return { kind: 'portal', origin: portal.origin };
}

export type MadeClient = { kind: 'client'; client: PortalClient } | { kind: 'invalid'; sentence: string };

/** `caFile`: authorities that are trusted beside the system's. `last` null: nothing is kept of where the portal is. */
export function createPortalClient(origin: string, caFile: string | null, last: PortalAddress | null): MadeClient {
  let ca: readonly string[] | undefined;
  if (origin.startsWith('https:')) {
    const own = caFile === null ? null : readAuthorities(caFile);
    if (own?.kind === 'invalid')
      return invalid(
        `The authority’s file ${caFile} cannot be used (${own.why}). Name a PEM file with --ca, or in FOYER_UPSTREAM_CA.`,
      );
    ca = [...systemAuthorities(), ...(own === null ? [] : [own.pem])];
  }
  return { kind: 'client', client: { origin, ask: (question, signal) => ask({ origin, ca, last }, question, signal) } };
}

type Portal = { origin: string; ca: readonly string[] | undefined; last: PortalAddress | null };

async function ask({ origin, ca, last }: Portal, question: Question, signal?: AbortSignal): Promise<Asked> {
  const { method } = question;
  const { url, type, payload, token } = written(origin, question);
  const headers = {
    accept: 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(payload === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
    ...(method === 'PATCH' ? { 'if-match': '*' } : {}),
  };
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const isHere = isLocal(url.hostname);
  const known = isHere ? null : (last?.read() ?? null);
  let isByKnown = false;
  const onKnown = () => {
    isByKnown = true;
  };
  const lookupAt = isHere ? lookupHere : known === null ? null : lookupOr(known, onKnown);
  const options = {
    ...{ method, headers, agent: false as const, signal: signal ? AbortSignal.any([signal, deadline]) : deadline },
    ...(lookupAt === null ? {} : { lookup: lookupAt }),
  };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing =
        url.protocol === 'https:'
          ? requestHttps(url, { ...options, ca: ca ? [...ca] : undefined, minVersion: 'TLSv1.2' }, resolve)
          : requestHttp(url, options, resolve);
      outgoing.once('error', reject);
      outgoing.end(payload);
    });
    // TLS has checked the portal's name there.
    const reached = isHere ? null : parseAddress(response.socket.remoteAddress ?? '');
    const asked = understood(origin, response.statusCode ?? 0, await textOf(response));
    if (asked.kind !== 'unreachable' && reached !== null && reached !== known) last?.save(reached);
    return asked;
  } catch (error) {
    const why = sentenceOf(error, url, deadline.aborted);
    const sentence = isByKnown
      ? `The name ${url.hostname} cannot be looked up now, so ${known} was asked, where it was last. ${why}`
      : why;
    return { kind: 'unreachable', sentence };
  }
}

function written(
  origin: string,
  question: Question,
): { url: URL; type: string; payload: string; token: string | null } {
  if ('form' in question) {
    const payload = new URLSearchParams(question.form).toString();
    return {
      url: new URL(`${origin}${question.path}`),
      type: 'application/x-www-form-urlencoded',
      payload,
      token: null,
    };
  }
  const { path, token, body } = question;
  const payload = body === undefined ? '' : JSON.stringify(body);
  return { url: new URL(`${origin}/api/v1${path}`), type: 'application/json', payload, token };
}

function understood(origin: string, status: number, text: string): Asked {
  if (status === 204) return { kind: 'answer', status, json: null };
  const json = parsed(text);
  const isObject = typeof json === 'object' && json !== null;
  if (status < 300 && isObject) return { kind: 'answer', status, json };
  if (isObject && 'detail' in json && typeof json.detail === 'string') {
    // What is said of the fields is for people; the detail above them tells a program where to look.
    const details = fieldDetails(json);
    const detail = details.length > 0 ? details.join(' ') : json.detail;
    return { kind: 'refused', status, detail: shown(detail), error: null };
  }
  if (isObject && 'error' in json && typeof json.error === 'string') {
    const described = 'error_description' in json && typeof json.error_description === 'string';
    return {
      kind: 'refused',
      status,
      detail: shown(described ? `${json.error_description}` : json.error),
      error: json.error,
    };
  }
  const sentence = `${origin} does not answer as a Foyer portal does (status ${status}). Check the address; a network that asks for a sign-in of its own answers so, too.`;
  return { kind: 'unreachable', sentence };
}

/** What a terminal may be given: it obeys control characters, and turns lines around for some others. */
function shown(text: string): string {
  return text.replace(/\p{C}/gu, '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a problem document says of each field. */
function fieldDetails(json: object): string[] {
  const errors = 'errors' in json && Array.isArray(json.errors) ? json.errors : [];
  return errors.flatMap((each) => (typeof each?.detail === 'string' ? [each.detail] : []));
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sentenceOf(error: unknown, { origin, hostname }: URL, isLate: boolean): string {
  const code = codeOf(error);
  if (isLate) return `${origin} did not answer within ${TIMEOUT_MS / 1000} seconds. Check the network and try again.`;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${hostname} cannot be found. Check the address, and whether this machine’s DNS works.`;
    case 'ECONNREFUSED':
      return `Nobody answers at ${origin}. Check the address, and whether Foyer runs there.`;
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'ETIMEDOUT':
      return `${origin} cannot be reached from this network. Check the connection and try again.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `What answers at ${origin} has a certificate for another name, so nothing was sent to it.`;
    case 'CERT_HAS_EXPIRED':
      return `The certificate of ${origin} has expired, so nothing was sent to it. Check this machine’s clock, too.`;
    default:
      return /CERT|ISSUER|SELF_SIGNED|UNABLE_TO/.test(code)
        ? `The certificate of ${origin} is from nobody whom this machine trusts (${code}). Name its authority’s file with --ca.`
        : `The connection to ${origin} failed (${code}). Try again.`;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}

function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

/** RFC 6761 §6.3: names under localhost are this machine, whatever its resolver knows of them. */
const lookupHere: LookupFunction = (_hostname, options, callback) => {
  answerLookup([{ address: '127.0.0.1', family: 4 }], options, callback);
};

/** As the system does, or `known` where that finds nothing or takes too long; `onKnown` is told then. */
function lookupOr(known: Address, onKnown: () => void): LookupFunction {
  return (hostname, options, callback) => {
    let isAnswered = false;
    const answer = (found: readonly LookupAddress[]) => {
      if (isAnswered) return;
      isAnswered = true;
      clearTimeout(timer);
      if (found.length === 0) onKnown();
      answerLookup(found.length > 0 ? found : [{ address: known, family: familyOf(known) }], options, callback);
    };
    const timer = setTimeout(() => answer([]), LOOKUP_MS);
    lookup(hostname, { ...options, all: true }, (error, found) => answer(error === null ? found : []));
  };
}

function answerLookup(
  found: readonly LookupAddress[],
  { all }: LookupOptions,
  callback: Parameters<LookupFunction>[2],
): void {
  const [first] = found;
  if (all) callback(null, [...found]);
  else callback(null, first?.address ?? '', first?.family);
}

function invalid(sentence: string) {
  return { kind: 'invalid', sentence } as const;
}
