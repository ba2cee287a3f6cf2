// One look of the DNS doctor at all names: facts, then findings, within a bounded time.
import { judgeNames } from '#server/core/judge-names.ts';
import type { PublicNameFacts } from '#server/core/names-facts.ts';
import type { NamesFinding } from '#server/core/names-finding.ts';
import { openExchange } from '../../dial/own-exchange.ts';
import { type GatherOptions, gatherNames, type NamesContext } from './gather.ts';

/** `names` were looked at. Incomplete: what was not reached is not known to be right, and `endedAt` says where the next look begins. */
export type NamesCheck = {
  findings: readonly NamesFinding[];
  names: readonly string[];
  publicNames: readonly PublicNameFacts[];
  isComplete: boolean;
  endedAt: string | null;
};

/** Less than a gateway waits for the portal's answer. */
const WHOLE_MS = 40_000;

export async function checkNames(
  context: NamesContext,
  {
    onProgress,
    signal,
    startAt = null,
  }: { onProgress?: GatherOptions['onProgress']; signal?: AbortSignal; startAt?: string | null } = {},
): Promise<NamesCheck> {
  const budget = AbortSignal.timeout(WHOLE_MS);
  const { exchange, close } = openExchange(context);
  try {
    const { facts, endedAt } = await gatherNames(context, {
      exchange,
      signal: signal ? AbortSignal.any([signal, budget]) : budget,
      startAt,
      onProgress: onProgress ?? (() => {}),
    });
    const { clusterNames, leftNames, privateNames, publicNames } = facts;
    const names = [...publicNames, ...leftNames, ...clusterNames, ...privateNames].map(({ host }) => host);
    return { findings: judgeNames(facts), names, publicNames, isComplete: endedAt === null, endedAt };
  } finally {
    close();
  }
}
