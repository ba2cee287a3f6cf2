// What a person's launcher shows: their apps and nothing that hints at others.
import type { App } from './app.ts';
import type { Identity } from './identity.ts';
import { isAssigned } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Assigned, enabled and shown, by name. A disabled person has none. */
export function launcherApps(snapshot: Snapshot, identity: Identity): readonly App[] {
  if (identity.disabled) return [];
  return [...snapshot.appsById.values()]
    .filter((app) => {
      const rule = snapshot.rulesByApp.get(app.id);
      return app.enabled && app.showInLauncher && rule !== undefined && isAssigned(rule, identity);
    })
    .sort((a, b) => BY_NAME.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

const BY_NAME = new Intl.Collator('en', { sensitivity: 'base', numeric: true });
