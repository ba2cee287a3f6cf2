// What administrators decide about machines' names.
'use server';
import { saveSetting } from '#server/store/settings.ts';
import { type ActionResult, act, timeOrNone } from '../act.ts';

export async function saveMachineSettingsAction(input: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveSetting(store, actor, 'machines', input, timeOrNone(openedAt)));
}
