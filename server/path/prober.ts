// Who may have an upstream probed, and how often: one at a time for each person, a few in a process.
import type { ProbeEnd, ProbeRequest } from '#server/core/probe.ts';
import { type ProbeContext, probeUpstream } from './probe-upstream.ts';

const MAX_RUNNING = 3;

/** `take` is `probeUpstream` but in tests. */
export function createProber(
  context: ProbeContext,
  take = probeUpstream,
): (request: ProbeRequest) => Promise<ProbeEnd> {
  const looking = new Set<string>();
  return async (request) => {
    if (looking.size >= MAX_RUNNING || looking.has(request.viewerId)) return { kind: 'busy' };
    looking.add(request.viewerId);
    try {
      return { kind: 'probed', report: await take(context, request) };
    } finally {
      looking.delete(request.viewerId);
    }
  };
}
