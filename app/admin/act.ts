// The frame of every server action: who sends this, from which page, and no redirect ever (Next would fetch it with the person's cookies).
import { headers } from 'next/headers';
import { getLocale, getTranslations } from 'next-intl/server';
import { asFault } from '#server/core/fault.ts';
import { faultText } from '#server/core/texts.ts';
import type { Store } from '#server/store/handle.ts';
import { portalContext } from '#server/store/portal-context.ts';
import type { PersonActor, Saved } from '#server/store/saved.ts';
import { outcomeIn } from '../i18n/sentences.ts';
import { logProblem } from '../request/problem-log.ts';
import { isOwnPost, supportId } from '../request/request-facts.ts';
import { currentActor } from '../session/current.ts';

/** What a form gets back: the store's outcome, or that there is nobody to act or something broke. */
export type ActionResult<T extends object = { id: string }> =
  | Saved<T>
  | { kind: 'signed-out' }
  | { kind: 'failed'; sentence: string };

export async function act<T extends object>(
  work: (store: Store, actor: PersonActor) => Promise<Saved<T>>,
): Promise<ActionResult<T>> {
  const { store, portal } = portalContext();
  const received = await headers();
  if (!isOwnPost(received, portal)) {
    return { kind: 'forbidden', sentence: (await getTranslations('common'))('notOurs') };
  }
  try {
    const actor = await currentActor();
    if (!actor) return { kind: 'signed-out' };
    return outcomeIn(await getLocale(), await work(store, actor));
  } catch (thrown) {
    const fault = asFault(thrown);
    const support = supportId(received);
    logProblem({ supportId: support, problem: 'an admin action failed', cause: fault });
    const { title, sentence } = faultText(fault.code, await getLocale());
    return {
      kind: 'failed',
      sentence: `${title}. ${sentence}${support ? ` ${(await getTranslations('common'))('supportId')} ${support}.` : ''}`,
    };
  }
}

/** The `updatedAt` of the record that a form was made from; anything that is no time expects nothing. */
export function timeOrNone(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The id of what a form edits; null for a new one. Anything that is no id finds nothing. */
export function idOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
