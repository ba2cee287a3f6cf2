// How one gateway process is, for the rows that pages plot: its event loop since it was asked last, its memory, what it has open.
import type { Counters } from '#server/http/counters.ts';
import type { Listening } from '#server/http/listen.ts';
import type { LiveRegistry } from '#server/http/live.ts';
import type { LoopWatch } from '#server/metrics/loop-watch.ts';
import type { GatewayHealth } from '#server/store/usage-write.ts';

export function gatewayHealth(parts: {
  number: number;
  loop: LoopWatch;
  listening: Pick<Listening, 'view'>;
  live: LiveRegistry;
  counters: Counters;
}): () => Omit<GatewayHealth, 'at'> {
  const { counters, listening, live, loop, number } = parts;
  const takeDelay = loop.reader();
  return () => {
    const delay = takeDelay();
    const { clear, tls } = listening.view();
    return {
      gateway: number,
      started_at: startedAt(),
      loop_p99: Math.round((delay?.p99 ?? 0) * 1e6),
      loop_max: Math.round((delay?.max ?? 0) * 1e6),
      rss: process.memoryUsage.rss(),
      connections: clear + tls,
      open_requests: Math.max(0, live.size - counters.webSockets),
      web_sockets: counters.webSockets,
    };
  };
}

/** When this process began (epoch ms): tells it from the one before it with the same number. */
export function startedAt(): number {
  return Math.round(performance.timeOrigin);
}
