// Loads a DNS server with dnsperf, on the load's core, and reads what came of it.
import { runCommand } from '../e2e/system/child.ts';
import { LOAD_CORE, pinned } from './machine.ts';

export type DnsLoad = {
  port: number;
  /** Lines of `name type`, asked from first to last and again. */
  queriesFile: string;
  seconds: number;
  /** The response code that every answer must have. */
  rcode: string;
};

/** `failed` are queries without an answer, and answers with another code. */
export type DnsLoaded = { answered: number; failed: number; perSecond: number };

const CLIENTS = 8;
/** Enough that the server never waits for the load, few enough for the buffers of its socket. */
const OUTSTANDING = 64;

export async function dnsperf({ port, queriesFile, seconds, rcode }: DnsLoad): Promise<DnsLoaded> {
  const server = ['-s', '127.0.0.1', '-p', String(port)];
  const load = ['-d', queriesFile, '-l', String(seconds), '-c', String(CLIENTS), '-q', String(OUTSTANDING)];
  return readDnsperf(await runCommand(pinned(LOAD_CORE, ['dnsperf', ...server, ...load])), rcode);
}

/** Throws when the text is none of dnsperf's. */
export function readDnsperf(text: string, rcode: string): DnsLoaded {
  const figure = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const answered = figure(/Queries completed:\s+(\d+)/);
  const lost = figure(/Queries lost:\s+(\d+)/);
  const perSecond = figure(/Queries per second:\s+([\d.]+)/);
  if (Number.isNaN(answered + lost + perSecond)) throw new Error(`dnsperf said something else:\n${text}`);
  const codes = /Response codes:\s+(.*)/.exec(text)?.[1] ?? '';
  const right = Number(new RegExp(`\\b${rcode} (\\d+)`).exec(codes)?.[1] ?? 0);
  return { answered, failed: lost + answered - right, perSecond };
}
