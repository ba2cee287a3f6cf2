// A person's apps with what their details say, in a few reads for all of them.
import type { App } from '#server/core/app.ts';
import { appState } from '#server/core/app-state.ts';
import { readSupport } from '#server/core/support.ts';
import { ownersOf } from '#server/store/app-owners.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { readAppEvidence } from '#server/store/usage.ts';
import type { LauncherApp } from './launcher-app.ts';
import { tileOf } from './tile.ts';

/** `apps` are the person's own: nothing is asked here. */
export async function readLauncherApps(apps: readonly App[]): Promise<readonly LauncherApp[]> {
  const { store, portal, now } = portalContext();
  const ids = apps.map(({ id }) => id);
  const [owners, evidence] = await Promise.all([ownersOf(store, ids), readAppEvidence(store, ids)]);
  const readAt = now();
  return apps.map((app) => ({
    ...tileOf(app, portal),
    owner: owners.get(app.id) ?? null,
    support: readSupport(app.support),
    state: appState(app, evidence.get(app.id), readAt),
  }));
}
