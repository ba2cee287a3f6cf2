// Every route of the API: what is not here does not exist, and what is here is in the document.
import { APPS } from './apps.ts';
import { APPS_AT_ONCE } from './apps-bulk.ts';
import { AUDIT } from './audit.ts';
import { CLUSTER } from './cluster.ts';
import { ICONS } from './icons.ts';
import { MACHINES } from './machines.ts';
import { NAMES } from './names.ts';
import { documentOf } from './open-api.ts';
import { PATH } from './path.ts';
import { PORTAL } from './portal.ts';
import { PROVIDERS } from './providers.ts';
import type { Route } from './route-table.ts';
import { SESSIONS } from './sessions.ts';
import { SETTINGS } from './settings.ts';
import { SITES } from './sites.ts';
import { TOKENS } from './tokens.ts';
import { PEOPLE } from './users.ts';

const DOCUMENT: Route = {
  ...{ method: 'GET', path: '/openapi.json', needs: [], tag: 'Document', summary: 'Read this document' },
  answers: { status: 200, schema: 'Document' },
  run: async ({ context }) => ({ kind: 'done', status: 200, body: documentOf(ROUTES, context.portal) }),
};

export const ROUTES: readonly Route[] = [
  ...APPS,
  ...APPS_AT_ONCE,
  ...ICONS,
  ...PATH,
  ...NAMES,
  ...SITES,
  ...PEOPLE,
  ...PROVIDERS,
  ...SESSIONS,
  ...MACHINES,
  ...CLUSTER,
  ...AUDIT,
  ...PORTAL,
  ...SETTINGS,
  ...TOKENS,
  DOCUMENT,
];
