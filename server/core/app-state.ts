// How an app is, as its real traffic says: never working without evidence, never failing because one request did.
import type { App } from './app.ts';

/** What was seen of one app's traffic. Times are epoch milliseconds, to about ten seconds. */
export type AppEvidence = {
  /** When it last gave an answer that was no error; null for never. */
  succeededAt: number | null;
  /** When it last gave an error, or no answer. */
  failedAt: number | null;
  /** The first minute of the unbroken run of failures, how many those were, and how many people met them. Null without a run. */
  run: { since: number; failures: number; people: number } | null;
};

export type AppState =
  /** Nobody used it, or not for so long that what was seen then says nothing of now. */
  | { kind: 'unknown'; lastUsedAt: number | null }
  | { kind: 'working'; lastUsedAt: number }
  /** `people`: how many met it since. One of them may be whoever asks. */
  | { kind: 'failing'; since: number; people: number; lastUsedAt: number | null }
  | { kind: 'maintenance' }
  | { kind: 'off' };

/** Fewer failures may be one request of one script. */
const LEAST_FAILURES = 3;
/** A failure that is older says nothing of now: nobody tried since. */
const FAILURE_COUNTS_MS = 30 * 60_000;

export function appState(
  app: Pick<App, 'enabled' | 'traffic'>,
  evidence: AppEvidence | undefined,
  now: number,
): AppState {
  if (!app.enabled) return { kind: 'off' };
  if (app.traffic.maintenance !== null) return { kind: 'maintenance' };
  if (!evidence) return { kind: 'unknown', lastUsedAt: null };
  const { failedAt, run, succeededAt } = evidence;
  const isFailing = failedAt !== null && (succeededAt === null || failedAt > succeededAt);
  if (!isFailing)
    return succeededAt === null ? { kind: 'unknown', lastUsedAt: null } : { kind: 'working', lastUsedAt: succeededAt };
  const isRecent = now - failedAt < FAILURE_COUNTS_MS;
  if (run && run.failures >= LEAST_FAILURES && isRecent)
    return { kind: 'failing', since: run.since, people: run.people, lastUsedAt: succeededAt };
  // Some failures after a good answer: neither is enough to say how it is.
  return { kind: 'unknown', lastUsedAt: succeededAt };
}
