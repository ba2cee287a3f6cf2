// Who may have a path looked at, and how often: one at a time for each person, a few in a process, and one look at an app for everybody who opens it.
import type { PathStep, SharedTraceRequest, TraceEnd, TraceRequest } from '#server/core/path.ts';
import { type OnStep, type TraceContext, trace } from './trace.ts';

export type Tracer = {
  trace(request: TraceRequest, onStep: OnStep): Promise<TraceEnd>;
  /** Without policy, which is each person's own. What was seen in the last seconds is told again. */
  traceShared(request: SharedTraceRequest, onStep: OnStep): Promise<TraceEnd>;
};

const MAX_RUNNING = 6;
const SHARED_MS = 10_000;

type Take = typeof trace;

/** One look at an app, under way or over, for as many as want to see it. */
type Shared = { steps: PathStep[]; listeners: Set<OnStep>; done: Promise<number>; endedAt: number | null };

/** `take` is `trace` but in tests. */
export function createTracer(context: TraceContext, take: Take = trace): Tracer {
  const { now } = context;
  const byViewer = new Map<string, { controller: AbortController; over: Promise<unknown> }>();
  const shared = new Map<string, Shared>();
  const looking = new Set<string>();
  let running = 0;

  async function run(request: Parameters<Take>[1], onStep: OnStep): Promise<number> {
    const startedAt = performance.now();
    running += 1;
    try {
      await take(context, request, onStep);
    } finally {
      running -= 1;
    }
    return performance.now() - startedAt;
  }

  async function traceForViewer(request: TraceRequest, onStep: OnStep): Promise<TraceEnd> {
    const { viewerId } = request;
    // A reload, or another tab: the one before is nobody's any more.
    const before = byViewer.get(viewerId);
    before?.controller.abort();
    const replaced = new AbortController();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const mine = { controller: replaced, over };
    byViewer.set(viewerId, mine);
    const signal = AbortSignal.any([request.signal, replaced.signal]);
    try {
      // What was begun for one person is over before more is begun: no step of it can be called back.
      if (before) await before.over;
      if (replaced.signal.aborted) return { kind: 'replaced' };
      if (running >= MAX_RUNNING) return { kind: 'busy' };
      const tookMs = await run({ ...request, signal }, onStep);
      if (replaced.signal.aborted) return { kind: 'replaced' };
      return request.signal.aborted ? { kind: 'gone' } : { kind: 'done', tookMs };
    } finally {
      end();
      if (byViewer.get(viewerId) === mine) byViewer.delete(viewerId);
    }
  }

  async function traceShared(request: SharedTraceRequest, onStep: OnStep): Promise<TraceEnd> {
    const key = `${request.appId} ${request.host}`;
    let look = recent(shared.get(key));
    if (look === null) {
      if (running >= MAX_RUNNING || looking.has(request.viewerId)) return { kind: 'busy' };
      look = begin(key, request);
    }
    for (const step of look.steps) onStep(step);
    look.listeners.add(onStep);
    try {
      const tookMs = await look.done;
      return request.signal.aborted ? { kind: 'gone' } : { kind: 'done', tookMs };
    } finally {
      look.listeners.delete(onStep);
    }
  }

  /** It goes on when the one who began it leaves: others may be looking. */
  function begin(key: string, { viewerId, ...request }: SharedTraceRequest): Shared {
    const steps: PathStep[] = [];
    const listeners = new Set<OnStep>();
    const tell = (step: PathStep) => {
      steps.push(step);
      for (const listener of listeners) listener(step);
    };
    looking.add(viewerId);
    const signal = new AbortController().signal;
    const look: Shared = {
      steps,
      listeners,
      endedAt: null,
      done: run({ ...request, route: -1, session: null, signal }, tell),
    };
    shared.set(key, look);
    const end = () => {
      looking.delete(viewerId);
      look.endedAt = now();
      setTimeout(() => shared.get(key) === look && shared.delete(key), SHARED_MS).unref();
    };
    look.done.then(end, end);
    return look;
  }

  function recent(look: Shared | undefined): Shared | null {
    if (look === undefined || look.endedAt === null) return look ?? null;
    const age = now() - look.endedAt;
    return age >= 0 && age < SHARED_MS ? look : null;
  }

  return { trace: traceForViewer, traceShared };
}
