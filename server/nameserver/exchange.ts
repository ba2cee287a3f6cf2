// How the nameserver asks others: by TLS those that prove their name to the system's authorities or the file's, which may change.

import { systemAuthorities } from '#server/dial/upstream-tls.ts';
import { createExchange, type OwnExchange } from '#server/dns/exchange.ts';

/** Longer than any question may take, so that what was begun with the authorities of before ends by itself. */
const LAST_QUESTIONS_MS = 10_000;

/** `more` are the file's authorities as PEM texts, looked at for each question. */
export function followExchange(more: () => readonly string[]): OwnExchange {
  let made = more();
  let own = open(made);
  const replaced = new Map<OwnExchange, NodeJS.Timeout>();

  const renew = (authorities: readonly string[]) => {
    const isSame = authorities.join('\n') === made.join('\n');
    made = authorities;
    if (isSame) return;
    const before = own;
    own = open(authorities);
    const end = () => {
      replaced.delete(before);
      before.close();
    };
    replaced.set(before, setTimeout(end, LAST_QUESTIONS_MS));
  };

  return {
    exchange: (...question) => {
      const authorities = more();
      if (authorities !== made) renew(authorities);
      return own.exchange(...question);
    },
    close() {
      for (const [before, timer] of replaced) {
        clearTimeout(timer);
        before.close();
      }
      own.close();
    },
  };
}

function open(authorities: readonly string[]): OwnExchange {
  return createExchange({ ca: () => [...systemAuthorities(), ...authorities], now: Date.now });
}
