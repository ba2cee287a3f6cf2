// A DNS server that never answers is waited for a few times in a look, and not once for every name.
import { dnsServerText } from '#server/core/dns-server.ts';
import type { Exchange } from '#server/dns/exchange.ts';

/** Questions that a server leaves without a word, having answered none, before it is passed over. */
const PASSED_OVER_AFTER = 3;

/** `passedOver`: the servers that are asked nothing more, as texts. */
export type PassingOver = { exchange: Exchange; passedOver(): readonly string[] };

/** For one look. One answer, whatever it says, and a server is asked to the end: it may well be slow for one name and not for others. */
export function passOverSilent(exchange: Exchange): PassingOver {
  const silences = new Map<string, number>();
  const answering = new Set<string>();
  const isPassedOver = (server: string) => !answering.has(server) && (silences.get(server) ?? 0) >= PASSED_OVER_AFTER;
  return {
    exchange: async (server, question, options) => {
      const text = dnsServerText(server);
      if (isPassedOver(text)) return { kind: 'failed', reason: 'timeout' };
      const result = await exchange(server, question, options);
      if (result.kind === 'answered') answering.add(text);
      else if (result.reason === 'timeout') silences.set(text, (silences.get(text) ?? 0) + 1);
      return result;
    },
    passedOver: () => [...silences.keys()].filter(isPassedOver),
  };
}
