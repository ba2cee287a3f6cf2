// What real traffic says of an app's private half, beside what a look says: since when it fails, and when it last answered.
import type { App } from '#server/core/app.ts';
import { appState } from '#server/core/app-state.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { readAppEvidence } from '#server/store/usage.ts';

export type PrivateEvidence = { failingSince: number | null; lastAnswerAt: number | null };

export async function privateEvidence(app: App): Promise<PrivateEvidence> {
  const { now, store } = portalContext();
  const state = appState(app, (await readAppEvidence(store, [app.id])).get(app.id), now());
  return {
    failingSince: state.kind === 'failing' ? state.since : null,
    lastAnswerAt: 'lastUsedAt' in state ? state.lastUsedAt : null,
  };
}
