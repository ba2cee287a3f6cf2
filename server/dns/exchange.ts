// One question to one server: UDP first, TCP when the answer is truncated, and nothing believed that does not match the question.
import type { Endpoint } from '#server/core/app.ts';
import { type Question, RCODE } from './message.ts';
import { type Ask, type ExchangeResult, queryFor } from './query.ts';
import { askTcp } from './tcp.ts';
import { askUdp } from './udp.ts';

export type ExchangeOptions = { timeoutMs: number; signal?: AbortSignal };

/** Never rejects. Another transport (DNS over TLS) is another function of this type. */
export type Exchange = (server: Endpoint, question: Question, options: ExchangeOptions) => Promise<ExchangeResult>;

export const exchange: Exchange = (server, question, options) =>
  withDeadline(options, async (until) => {
    const first = await askWith(askUdp, server, question, until);
    const isWhole = first.kind === 'failed' || !first.message.isTruncated;
    return isWhole ? first : askWith(askTcp, server, question, until);
  });

/** RFC 6891 §6.2.2: a server too old for EDNS says so by its code and is asked again without. */
async function askWith(ask: Ask, server: Endpoint, question: Question, until: AbortSignal): Promise<ExchangeResult> {
  const result = await ask(server, queryFor(question, 'edns'), until);
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
    return result.kind === 'failed' && result.reason === 'aborted' && !signal?.aborted
      ? { kind: 'failed', reason: 'timeout' }
      : result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
