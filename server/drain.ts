// How a gateway ends: it takes nothing new at once, lets what runs end, and cuts what is left when the grace is over.
import type { Listening } from './http/listen.ts';
import type { LiveRegistry } from './http/live.ts';

export type DrainParts = {
  listening: Pick<Listening, 'drain' | 'destroy'>;
  live: Pick<LiveRegistry, 'all'>;
  /** What there is when nobody says otherwise. */
  graceMs: number;
  /** Everything that is no connection. */
  close(): Promise<void>;
};

/** Before the end of the grace, what is cut is told: a WebSocket by its 1001 (RFC 6455 §7.4.1), and the client has a second to answer. */
const GOODBYE_MS = 2_000;
const LAST_SECOND_MS = 1_000;

/** The function may be called again: the earlier end counts. It settles when everything is closed. */
export function createDrain({
  listening,
  live,
  graceMs: usualMs,
  close,
}: DrainParts): (graceMs?: number) => Promise<void> {
  let done: Promise<void> | null = null;
  let goodbye: NodeJS.Timeout | undefined;
  let goodbyeAt = Number.POSITIVE_INFINITY;

  const sayGoodbye = () => {
    for (const entry of live.all()) entry.cut('gateway-stopping', 1001);
    goodbye = setTimeout(listening.destroy, LAST_SECOND_MS);
  };
  return (graceMs = usualMs) => {
    const at = performance.now() + Math.max(0, graceMs - GOODBYE_MS);
    if (at < goodbyeAt) {
      clearTimeout(goodbye);
      goodbyeAt = at;
      goodbye = setTimeout(sayGoodbye, at - performance.now());
    }
    done ??= listening.drain().then(() => {
      clearTimeout(goodbye);
      return close();
    });
    return done;
  };
}
