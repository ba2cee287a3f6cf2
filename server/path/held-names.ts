// What gateways hold of an app's private names: each tells its own, the supervisor gathers it for the portal, and the path view shows it.
import type { App } from '#server/core/app.ts';
import type { Dialer, Held } from '#server/dial.ts';
import type { AddressAnswer } from '#server/dns/answer.ts';
import type { Logger } from '#server/log.ts';
import { askSupervisor } from '#server/supervisor/parent.ts';
import type { Answer } from '#server/supervisor/supervise.ts';

/** What is asked by this topic is about the app whose id it says. */
export const HELD_NAMES = 'held-names';

/** `gateway` is its number, from 1. */
export type GatewayHolds = Held & { gateway: number };

const ASK_TIMEOUT_MS = 1_000;

/** A gateway's own answer. An app that it does not know has no names. */
export function tellHeldNames(dialer: Pick<Dialer, 'held'>, apps: ReadonlyMap<string, App>, appId: string): Held {
  const app = apps.get(appId);
  return app === undefined ? { names: [], servers: [] } : dialer.held(app);
}

/** What the supervisor makes of its children's answers: those of gateways that answered, and that no other has replaced. */
export function gatherHeldNames(answers: readonly Answer[]): GatewayHolds[] {
  return answers.flatMap((answer) =>
    answer.kind === 'value' && answer.number > 0 && !answer.isRetired
      ? { gateway: answer.number, ...(answer.value as Held) }
      : [],
  );
}

/** In the portal. Nothing is known where nobody answers; that is no reason to show nothing else. */
export async function askHeldNames(appId: string, log: Logger): Promise<readonly GatewayHolds[]> {
  try {
    return (await askSupervisor(HELD_NAMES, appId, ASK_TIMEOUT_MS)) as readonly GatewayHolds[];
  } catch (err) {
    log.warn({ err }, 'what the gateways hold of private names could not be asked');
    return [];
  }
}

/** The newest addresses of a name that any of them holds. */
export function lastKnown(holds: readonly GatewayHolds[], host: string): AddressAnswer | null {
  const answers = holds
    .flatMap(({ names }) => names)
    .flatMap((held) => (held.host === host && held.answer.kind === 'addresses' ? held.answer : []));
  return answers.reduce<AddressAnswer | null>(
    (newest, answer) => (newest !== null && newest.answeredAt >= answer.answeredAt ? newest : answer),
    null,
  );
}
