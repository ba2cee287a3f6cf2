// One question to the public DNS servers: the first good answer, whatever record is asked for.
import type { DnsServerAddress } from '#server/core/app.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { CLASS, type Message, RCODE } from '#server/dns/message.ts';
import { parseName } from '#server/dns/name.ts';

/** Null when nobody answers it, or only with an error; that a name does not exist is an answer, and that nobody there says anything of it. */
export type Ask = (name: string, type: number) => Promise<Message | null>;

/** How questions are asked, and until when. */
export type Ways = { exchange: Exchange; signal: AbortSignal };

const TIMEOUT_MS = 2_000;
const MAX_SERVERS = 3;

export function publicQuestion(servers: readonly DnsServerAddress[], { exchange, signal }: Ways): Ask {
  return async (text, type) => {
    const name = parseName(text);
    if (name === null) return null;
    let refused: Message | null = null;
    for (const server of servers.slice(0, MAX_SERVERS)) {
      const result = await exchange(server, { name, type, class: CLASS.IN }, { timeoutMs: TIMEOUT_MS, signal });
      if (result.kind === 'failed') continue;
      const { rcode } = result.message;
      if (rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN) return result.message;
      // A server that knows its own zones alone says so; it is no failure of the name.
      if (rcode === RCODE.REFUSED) refused ??= result.message;
    }
    return refused;
  };
}
