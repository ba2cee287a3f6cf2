// Load by nghttp2's h2load: one request head for all requests, over HTTP/1.1 or HTTP/2, in clear or over TLS.
import { runCommand } from '../e2e/system/child.ts';
import { LOAD_CORE, pinned } from './machine.ts';

/** `cookie` goes with every request. The load ends after `requests`: h2load’s own timed mode may never end. */
export type H2Load = {
  protocol: 'http/1.1' | 'h2';
  scheme: 'http' | 'https';
  host: string;
  port: number;
  path: string;
  cookie: string;
  connections: number;
  streams?: number;
  /** A file that every request sends by POST. */
  upload?: string;
  bodyBytes: number;
  requests: number;
};

export type Loaded = { answered: number; seconds: number };

const TIMEOUT_SECONDS = 120;

/** Loads for about so long: as many requests as this proxy answered per second the last time it was loaded. */
export class Burst {
  #perSecond: number;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  async run(load: Omit<H2Load, 'requests'>, seconds: number): Promise<Loaded> {
    const least = load.connections * (load.streams ?? 1);
    const loaded = await h2load({ ...load, requests: Math.max(least, Math.round(this.#perSecond * seconds)) });
    this.#perSecond = loaded.answered / loaded.seconds;
    return loaded;
  }
}

/** Throws when a request failed, was answered with anything but 2xx, or brought a body of another length. */
export async function h2load(load: H2Load): Promise<Loaded> {
  const printed = await runCommand(
    pinned(LOAD_CORE, ['timeout', String(TIMEOUT_SECONDS), 'h2load', ...argumentsOf(load)]),
  );
  const told = readH2load(printed);
  const where = `${load.scheme}://${load.host}:${load.port}${load.path}`;
  if (told.failed > 0 || told.other > 0 || told.ok === 0)
    throw new Error(`${where} failed requests:\n${printed.split('\n').filter(isCount).join('\n')}`);
  if (told.bodyBytes !== told.answered * load.bodyBytes)
    throw new Error(`${where} sent ${told.bodyBytes} bytes in ${told.answered} answers of ${load.bodyBytes}.`);
  return { answered: told.answered, seconds: told.seconds };
}

function isCount(line: string): boolean {
  return /^(requests|status codes|traffic): /.test(line);
}

export type H2loadReport = {
  answered: number;
  failed: number;
  ok: number;
  /** Answers with another status than 2xx. */
  other: number;
  bodyBytes: number;
  seconds: number;
};

/** What h2load prints at its end. Throws when it is not that. */
export function readH2load(printed: string): H2loadReport {
  const read = (pattern: RegExp): string[] => {
    const match = pattern.exec(printed);
    if (!match) throw new Error(`h2load said something else:\n${printed}`);
    return match.slice(1);
  };
  const [time = '', unit = ''] = read(/^finished in ([\d.]+)(s|ms|us),/m);
  const [answered = 0, ok = 0, failed = 0, errored = 0, timeout = 0] = read(
    /^requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m,
  ).map(Number);
  const [, three = 0, four = 0, five = 0] = read(/^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m).map(
    Number,
  );
  const [bodyBytes = 0] = read(/\((\d+)\) data$/m).map(Number);
  return {
    answered,
    ok,
    failed: failed + errored + timeout,
    other: three + four + five,
    bodyBytes,
    seconds: Number(time) * (SECONDS[unit] ?? Number.NaN),
  };
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6 };

function argumentsOf(load: H2Load): string[] {
  return [
    ...(load.protocol === 'http/1.1' ? ['--h1'] : []),
    ...['-n', String(load.requests), '-c', String(load.connections), '-m', String(load.streams ?? 1)],
    // What every one of the contenders speaks, so that nobody is measured by its taste.
    ...['--tls13-ciphers=TLS_AES_128_GCM_SHA256', '--groups=X25519'],
    ...(load.upload ? ['-d', load.upload] : []),
    ...['-H', `cookie: ${load.cookie}`],
    `--connect-to=127.0.0.1:${load.port}`,
    `${load.scheme}://${load.host}:${load.port}${load.path}`,
  ];
}
