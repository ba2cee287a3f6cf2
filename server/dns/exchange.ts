// One question to one server: by TLS where it has a name to prove, else by UDP, and by TCP when the answer is truncated.
import type { DnsServerAddress } from '#server/core/app.ts';
import { type Question, RCODE } from './message.ts';
import { createPool } from './pool.ts';
import { type Ask, type ExchangeResult, type QueryExtra, queryFor } from './query.ts';
import { askUdp } from './udp.ts';

export type ExchangeOptions = { timeoutMs: number; signal?: AbortSignal; extra?: QueryExtra };

/** Never rejects, and believes nothing that does not match the question. */
export type Exchange = (
  server: DnsServerAddress,
  question: Question,
  options: ExchangeOptions,
) => Promise<ExchangeResult>;

export type OwnExchange = {
  exchange: Exchange;
  /** Ends every query on a connection, and every connection. */
  close(): void;
};

export type OwnExchangeOptions = {
  /** Whom servers over TLS may prove their names by, as PEM texts; read when the first one is asked. Where that fails, `tls-failed` is what comes of it. */
  ca: () => readonly string[];
  now: () => number;
  /** A connection without a query for so long is closed. */
  idleMs?: number;
};

const IDLE_MS = 10_000;

/** With connections of its own, which nothing keeps a process alive for while they are idle. */
export function createExchange({ ca, now, idleMs = IDLE_MS }: OwnExchangeOptions): OwnExchange {
  const pool = createPool({ ca, now, idleMs });
  return {
    exchange: (server, question, options) =>
      withDeadline(options, async (until) => {
        // Never anything but TLS: what cannot be proven is not asked (D8).
        if (server.tlsName !== undefined) return askWith(pool.ask, server, question, options.extra, until);
        const first = await askWith(askUdp, server, question, options.extra, until);
        const isWhole = first.kind === 'failed' || !first.message.isTruncated;
        return isWhole ? first : askWith(pool.ask, server, question, options.extra, until);
      }),
    close: pool.close,
  };
}

/** RFC 6891 §6.2.2: a server too old for EDNS says so by its code and is asked again without. */
async function askWith(
  ask: Ask,
  server: DnsServerAddress,
  question: Question,
  extra: QueryExtra | undefined,
  until: AbortSignal,
): Promise<ExchangeResult> {
  const result = await ask(server, queryFor(question, 'edns', extra), until);
  const refusesEdns =
    result.kind === 'answered' && (result.message.rcode === RCODE.FORMERR || result.message.rcode === RCODE.NOTIMP);
  return refusesEdns ? ask(server, queryFor(question, 'plain'), until) : result;
}

async function withDeadline(
  options: ExchangeOptions,
  run: (until: AbortSignal) => Promise<ExchangeResult>,
): Promise<ExchangeResult> {
  const { timeoutMs, signal } = options;
  const controller = new AbortController();
  const end = () => controller.abort();
  const timer = setTimeout(end, timeoutMs);
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    const result = await run(controller.signal);
    const isLate = controller.signal.aborted && !signal?.aborted;
    return isLate && result.kind === 'failed' && result.reason === 'aborted'
      ? { kind: 'failed', reason: 'timeout' }
      : result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
