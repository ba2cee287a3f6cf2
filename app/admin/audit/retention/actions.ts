// How long the audit and usage are kept: looked at before it is changed.
'use server';
import { type Outlook, retentionOutlook } from '#server/store/retention.ts';
import { parseSetting, saveSetting } from '#server/store/settings.ts';
import { type ActionResult, act, timeOrNone } from '../../act.ts';

/** What the next run would delete under these settings. Changes nothing. */
export async function retentionOutlookAction(input: unknown): Promise<ActionResult<{ outlook: Outlook }>> {
  return act(async (store, actor) => {
    const parsed = parseSetting('retention', input);
    if (parsed.kind === 'invalid') return parsed;
    const found = await retentionOutlook(store, actor, parsed.value);
    return found.kind === 'found' ? { kind: 'saved', outlook: found.outlook } : found;
  });
}

export async function saveRetentionAction(input: unknown, openedAt: unknown): Promise<ActionResult> {
  return act((store, actor) => saveSetting(store, actor, 'retention', input, timeOrNone(openedAt)));
}
