// The apps that a collection can hold, by name.
import { portalContext } from '#server/store/portal-context.ts';

export type AppChoice = { id: string; name: string };

const BY_NAME = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

/** Those of the snapshot; whoever edits collections may see every app. */
export function appChoices(): readonly AppChoice[] {
  const apps = [...portalContext().snapshot().appsById.values()];
  return apps.map(({ id, name }) => ({ id, name })).sort((a, b) => BY_NAME.compare(a.name, b.name));
}
