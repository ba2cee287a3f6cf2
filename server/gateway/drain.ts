// How a gateway ends: it takes nothing new at once, lets what runs end, and cuts what is left when the grace is over.
import type { Limits } from '#server/http/limits.ts';
import type { Listening } from '#server/http/listen.ts';
import type { LiveRegistry } from '#server/http/live.ts';

/**
 * `stop` is for a process that nothing replaces: soon. `replaced` closes no connection that would not have been closed anyway:
 * an idle one keeps its usual time, since a request may be on its way to it at any moment.
 */
export type DrainKind = 'stop' | 'replaced';

export type DrainParts = {
  listening: Pick<Listening, 'drain' | 'destroy'>;
  live: Pick<LiveRegistry, 'all'>;
  limits: Pick<Limits, 'drainMs' | 'keepAliveMs'>;
  /** Everything that is no connection. */
  close(): Promise<void>;
};

/** Before the end of the grace, what is cut is told: a WebSocket by its 1001 (RFC 6455 §7.4.1), and the client has a second to answer. */
const GOODBYE_MS = 2_000;
const LAST_SECOND_MS = 1_000;

/** The function may be called again: the earlier end counts. It settles when everything is closed. */
export function createDrain(parts: DrainParts): (kind?: DrainKind, graceMs?: number) => Promise<void> {
  const { listening, live, limits, close } = parts;
  let done: Promise<void> | null = null;
  let goodbye: NodeJS.Timeout | undefined;
  let goodbyeAt = Number.POSITIVE_INFINITY;

  const sayGoodbye = () => {
    for (const entry of live.all()) entry.cut('gateway-stopping', 1001);
    goodbye = setTimeout(listening.destroy, LAST_SECOND_MS);
  };
  return (kind = 'stop', graceMs = limits.drainMs) => {
    const at = performance.now() + Math.max(0, graceMs - GOODBYE_MS);
    if (at < goodbyeAt) {
      clearTimeout(goodbye);
      goodbyeAt = at;
      goodbye = setTimeout(sayGoodbye, Math.max(0, at - performance.now()));
    }
    const drained = listening.drain(kind === 'stop' ? STOP_IDLE_MS : limits.keepAliveMs);
    done ??= drained.then(() => {
      clearTimeout(goodbye);
      return close();
    });
    return done;
  };
}

/** A client whose last answer is this old has no request on its way that it sent before it could know of the draining. */
const STOP_IDLE_MS = 1_000;
