// The operator's listener of a nameserver: where its file says, or none. What serves metrics is loaded where somebody wants them.
import type { Endpoint } from '#server/core/app.ts';
import { endpointText } from '#server/core/dns-server.ts';
import type { EngineView } from '#server/dns/engine.ts';
import type { Logger } from '#server/log.ts';
import type { LoopWatch } from '#server/metrics/loop-watch.ts';
import type { Operator } from '#server/metrics/operator.ts';
import type { Readiness } from '#server/metrics/readiness.ts';

export type NameserverMetrics = {
  /** Listens there from now on, and nowhere else. Returns why it cannot, as a sentence; then everything is as it was. */
  use(at: Endpoint | null): Promise<string | null>;
  close(): Promise<void>;
};

type Open = { text: string; operator: Operator; loop: LoopWatch };

/** Ready is who answers somewhere. */
function readinessOf(isReady: boolean): Readiness {
  const state = isReady ? 'ready' : 'not-running';
  return { ready: isReady, reasons: isReady ? [] : ['starting'], processes: [{ process: 'nameserver', state }] };
}

/** `isReady`: queries are taken. */
export function createNameserverMetrics(
  { view, isReady }: { view(): EngineView; isReady(): boolean },
  log: Logger,
): NameserverMetrics {
  let open: Open | null = null;

  async function close(): Promise<void> {
    const before = open;
    open = null;
    before?.loop.stop();
    await before?.operator.close();
  }

  async function use(at: Endpoint | null): Promise<string | null> {
    if (at === null) {
      await close();
      return null;
    }
    const text = endpointText(at);
    if (open?.text === text) return null;
    const { createGatherer } = await import('#server/metrics/gather.ts');
    const { watchLoop } = await import('#server/metrics/loop-watch.ts');
    const { nameserverFamilies } = await import('#server/metrics/nameserver-families.ts');
    const { processFamilies } = await import('#server/metrics/process-families.ts');
    const { openOperator } = await import('#server/metrics/operator.ts');
    const loop = watchLoop(log);
    const gatherer = createGatherer({
      ask: async () => [],
      own: async () => [...(await processFamilies('nameserver', loop)), ...nameserverFamilies(view())],
      now: () => performance.now(),
    });
    const opened = await openOperator({
      at: { ...at, tls: false },
      setting: { name: '"metrics" of its file', off: 'null' },
      log,
      readiness: async () => readinessOf(isReady()),
      metrics: gatherer.text,
    });
    if (opened.kind === 'refused') {
      loop.stop();
      return opened.sentence;
    }
    await close();
    open = { text, operator: opened.operator, loop };
    log.info({ metrics: text }, 'metrics can be read');
    return null;
  }

  return { use, close };
}
