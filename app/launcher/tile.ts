// An app as the launcher shows it: nothing that its person may not know.
import type { App } from '#server/core/app.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';
import type { Tile } from './filter-apps.ts';

export function tileOf(app: App, portal: Portal): Tile {
  const { id, name, description, category, icon } = app;
  const [host] = app.hosts;
  return { id, name, description, category, icon, host, href: `${appOrigin(portal, host)}/` };
}
