// The path of an app as people see it who only open it: the way to the gateway step by step, and behind it whether the app is reached.
import type { App } from './app.ts';
import { parseHostname } from './hostname.ts';
import type { Identity } from './identity.ts';
import { type PathStep, type PathStepName, PRIVATE_STEPS, type StepState } from './path.ts';
import { isAssigned } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** No facts: those of the public steps may hold other apps' names, and addresses that are in public DNS by mistake. */
export type PublicStep =
  | {
      step: Exclude<PathStepName, 'private-dns' | 'connect' | 'tls' | 'answer'>;
      state: StepState;
      code: string;
      tookMs: number;
    }
  | { step: 'private'; state: 'good' | 'bad'; code: 'reached' | 'not-reached' };

/** The app with this id or public name, if this person may open it; null is also what an unknown one gives. */
export function openableApp(snapshot: Snapshot, identity: Identity, idOrHost: string): App | null {
  const host = parseHostname(idOrHost);
  const app = snapshot.appsById.get(idOrHost) ?? (host ? snapshot.appsByHost.get(host) : undefined);
  const rule = app && snapshot.rulesByApp.get(app.id);
  return app?.enabled && rule && !identity.disabled && isAssigned(rule, identity) ? app : null;
}

/** Takes steps as they come and gives what may be shown of each; of the private ones a single word, once it is known. */
export class PublicView {
  #privateLeft = PRIVATE_STEPS.size;
  #hasFailed = false;
  #isTold = false;

  take(step: PathStep): PublicStep | null {
    const { state } = step;
    if (!isPrivate(step)) return { step: step.step, state, code: String(step.code), tookMs: Math.round(step.tookMs) };
    this.#privateLeft -= 1;
    this.#hasFailed ||= state === 'bad';
    if (this.#isTold || (this.#privateLeft > 0 && !this.#hasFailed)) return null;
    this.#isTold = true;
    return this.#hasFailed
      ? { step: 'private', state: 'bad', code: 'not-reached' }
      : { step: 'private', state: 'good', code: 'reached' };
  }
}

type PrivateName = 'private-dns' | 'connect' | 'tls' | 'answer';

function isPrivate(step: PathStep): step is Extract<PathStep, { step: PrivateName }> {
  return PRIVATE_STEPS.has(step.step);
}
