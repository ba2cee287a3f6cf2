// Whether newcomers may be sent here, and if not, why: from what the supervisor's children answered.
import { FEED_MAX_AGE_MS } from '#server/core/authorize.ts';
import type { Answer } from '#server/supervisor/supervise.ts';

/** What a child is asked for its state by. */
export const STATE = 'state';

/** What a gateway answers when it is asked for its state. */
export type GatewayAnswer = { feedAgeMs: number };

export type Phase = 'starting' | 'running' | 'draining';

/** `no-answer`: it is there and was silent for a second. `replaced`: another has its place, and it ends what it began. */
export type ProcessState = 'ready' | 'not-running' | 'no-answer' | 'change-feed-lost' | 'replaced';

/** `reasons` is empty exactly when it is ready. Process names are `portal` and `gateway-1`. */
export type Readiness = {
  ready: boolean;
  reasons: readonly string[];
  processes: readonly { process: string; state: ProcessState }[];
};

/**
 * Ready is who has one gateway that decides. Without the portal those who are signed in are served all the same, so its state
 * is told and takes nothing away.
 */
export function readiness(phase: Phase, gateways: number, answers: readonly Answer[]): Readiness {
  if (phase === 'starting') return { ready: false, reasons: ['starting'], processes: [] };
  const expected = ['portal', ...Array.from({ length: gateways }, (_, at) => `gateway-${at + 1}`)];
  const told = answers.map((answer) => ({ process: processName(answer), state: stateOf(answer) }));
  const missing = expected
    .filter((process) => !told.some((each) => each.process === process && each.state !== 'replaced'))
    .map((process) => ({ process, state: 'not-running' as const }));
  const processes = [...told, ...missing].sort((a, b) => (a.process < b.process ? -1 : a.process > b.process ? 1 : 0));
  const states = processes.filter(({ process }) => process !== 'portal').map(({ state }) => state);
  const reasons: string[] = [];
  if (phase === 'draining') reasons.push('draining');
  if (!states.includes('ready'))
    reasons.push(states.includes('change-feed-lost') ? 'change-feed-lost' : 'no-gateway-ready');
  return { ready: reasons.length === 0, reasons, processes };
}

/** As the label `process` of metrics has it. */
export function processName({ number }: Pick<Answer, 'number'>): string {
  return number === 0 ? 'portal' : `gateway-${number}`;
}

function stateOf(answer: Answer): ProcessState {
  if (answer.isRetired) return 'replaced';
  if (answer.kind === 'problem') return 'no-answer';
  if (answer.number === 0) return 'ready';
  return isGatewayAnswer(answer.value) && answer.value.feedAgeMs <= FEED_MAX_AGE_MS ? 'ready' : 'change-feed-lost';
}

function isGatewayAnswer(value: unknown): value is GatewayAnswer {
  return typeof value === 'object' && value !== null && 'feedAgeMs' in value && typeof value.feedAgeMs === 'number';
}
