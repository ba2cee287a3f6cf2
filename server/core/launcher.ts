// What a person's launcher shows: their apps and nothing that hints at others.
import type { App } from './app.ts';
import type { Identity } from './identity.ts';
import { isAssigned } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Assigned, enabled and shown, by name. A disabled person has none. */
export function launcherApps(snapshot: Snapshot, identity: Identity): readonly App[] {
  if (identity.disabled) return [];
  return [...snapshot.appsById.values()]
    .filter((app) => isShown(snapshot, identity, app))
    .sort((a, b) => BY_NAME.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** Reports whether an app is in a person's launcher. */
export function isInLauncher(snapshot: Snapshot, identity: Identity, appId: string): boolean {
  const app = snapshot.appsById.get(appId);
  return app !== undefined && !identity.disabled && isShown(snapshot, identity, app);
}

function isShown(snapshot: Snapshot, identity: Identity, app: App): boolean {
  const rule = snapshot.rulesByApp.get(app.id);
  return app.enabled && app.showInLauncher && rule !== undefined && isAssigned(rule, identity);
}

const BY_NAME = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

export const LAUNCHER_VIEWS = ['tiles', 'list'] as const;
export type LauncherView = (typeof LAUNCHER_VIEWS)[number];

/** Where an app opens: in a new tab on a desktop and in the same window elsewhere, or always one of the two. */
export const OPENINGS = ['automatic', 'new-tab', 'same-window'] as const;
export type Opening = (typeof OPENINGS)[number];

/** What a person keeps of one app: its place among their favourites, and when they opened it from here last (epoch ms). */
export type LauncherMark = { appId: string; favourite: number | null; openedAt: number | null };

/** Ids of apps. Favourites in the person's own order; recents, the latest first, where there are apps enough to look for one. */
export type Arrangement = { favourites: readonly string[]; recents: readonly string[] };

/** Below this, everything is in sight anyway. */
const MANY_APPS = 12;
const MAX_RECENTS = 6;

/** Marks of apps that are not among `apps` say nothing: they come back with the app. */
export function arrangeLauncher(apps: readonly Pick<App, 'id'>[], marks: readonly LauncherMark[]): Arrangement {
  const shown = new Set(apps.map(({ id }) => id));
  const own = marks.filter(({ appId }) => shown.has(appId));
  const favourites = own
    .flatMap(({ appId, favourite }) => (favourite === null ? [] : [{ appId, favourite }]))
    .sort((a, b) => a.favourite - b.favourite || (a.appId < b.appId ? -1 : 1));
  const opened = own
    .flatMap(({ appId, favourite, openedAt }) => (openedAt === null || favourite !== null ? [] : [{ appId, openedAt }]))
    .sort((a, b) => b.openedAt - a.openedAt || (a.appId < b.appId ? -1 : 1));
  return {
    favourites: favourites.map(({ appId }) => appId),
    recents: apps.length > MANY_APPS ? opened.slice(0, MAX_RECENTS).map(({ appId }) => appId) : [],
  };
}

/** A group of apps that an administrator made. Ids in their order. */
export type Collection = { id: string; name: string; appIds: readonly string[] };

export const MAX_COLLECTIONS = 100;

/**
 * The collections as a person sees them: their own apps alone, and no collection without one, since its name would speak of
 * apps that they may not know.
 */
export function shownCollections(
  apps: readonly Pick<App, 'id'>[],
  collections: readonly Collection[],
): readonly Collection[] {
  const shown = new Set(apps.map(({ id }) => id));
  return collections
    .map(({ id, name, appIds }) => ({ id, name, appIds: appIds.filter((appId) => shown.has(appId)) }))
    .filter(({ appIds }) => appIds.length > 0);
}
