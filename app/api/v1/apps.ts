// Apps by the API: the catalogue's entries, and who may open each.

import { z } from 'zod';
import type { App } from '#server/core/app.ts';
import { APP_CONDITIONS, APP_SORTS } from '#server/core/app-list.ts';
import type { AppQuery } from '#server/store/app-query.ts';
import {
  type AppLine,
  type AppRecord,
  deleteApp,
  getApp,
  listApps,
  listCategories,
  saveApp,
  setAssignments,
} from '#server/store/apps.ts';
import { findAssignees } from '#server/store/assignees.ts';
import { certificateId, expiryOf, subjectOf } from '#server/store/schema/certificate.ts';
import { refusal } from './reply.ts';
import { listed, listQuery, resource, type Shown, savedOr } from './resource.ts';
import type { Route } from './route-table.ts';

export const APPS: readonly Route[] = [
  ...resource({
    ...{ tag: 'Apps', path: '/apps', one: 'an app', many: 'apps' },
    needs: { read: 'apps.read', write: 'apps.write', make: 'apps.place' },
    schemas: { list: 'AppList', answer: 'App', input: 'AppInput' },
    readOnly: ['id', 'assignments', 'certificates', 'createdAt', 'updatedAt'],
    notes: {
      list: 'By name where `sort` does not say otherwise. An app owner’s token sees their own.',
      remove: 'Kept for a while: see `GET /deleted-apps`.',
      save:
        'Where an app is (site, upstream, public names) and how much it may take at once needs the scope `apps:place` besides, and so does a new app. ' +
        'A client certificate is sent as `{"kind":"new","cert":…,"key":…}` and read as `{"kind":"kept","id":…}`, which keeps it.',
    },
    query: listQuery.extend({
      siteId: z.string().max(100).optional(),
      condition: z.enum(APP_CONDITIONS).optional(),
      category: z.string().max(200).optional().describe('Empty: apps of no category.'),
      ownerUserId: z.string().max(100).optional(),
      unassigned: z.stringbool().optional().describe('Apps that nobody may open.'),
      sort: z.enum(APP_SORTS).optional(),
      descending: z.stringbool().optional(),
    }),
    list: async (store, actor, query) => {
      const found = await listApps(store, actor, query as AppQuery);
      return found.kind === 'listed' ? { ...found, rows: found.rows.map(shownLine) } : found;
    },
    get: async (store, actor, id) => {
      const found = await getApp(store, actor, id);
      return found.kind === 'found' ? { kind: 'shown', shown: shownApp(found) } : found;
    },
    save: saveApp,
    remove: deleteApp,
  }),
  {
    ...{ method: 'GET', path: '/apps/{id}/assignments', needs: ['apps.read'], tag: 'Apps' },
    summary: 'Read who may open an app',
    answers: { status: 200, schema: 'AssignmentList', hasVersion: true },
    run: async ({ context, actor, params }) => {
      const found = await getApp(context.store, actor, params.id ?? '');
      if (found.kind !== 'found') return refusal(found);
      return { kind: 'done', status: 200, body: { items: found.assignments }, version: found.updatedAt };
    },
  },
  {
    ...{ method: 'PUT', path: '/apps/{id}/assignments', needs: ['apps.write'], tag: 'Apps' },
    summary: 'Say who may open an app',
    description: 'All of them: whoever is not in the list may not open the app any more. The version is the app’s.',
    body: 'Assignments',
    ifMatch: 'required',
    answers: { status: 200, schema: 'Saved', hasVersion: true },
    run: async ({ context, actor, params, body, expected }) =>
      savedOr(await setAssignments(context.store, actor, params.id ?? '', body, expected)),
  },
  {
    ...{ method: 'GET', path: '/assignees', needs: ['apps.write'], tag: 'Apps' },
    summary: 'Find people and groups to assign',
    description: 'The first matches by name or e-mail, for tokens that may assign but not list people.',
    query: z.strictObject({ search: z.string().min(2).max(200).describe('Two characters or more.') }),
    answers: { status: 200, schema: 'AssigneeList' },
    run: (call) => listed(call, '/assignees', findAssignees(call.context.store, call.actor, String(call.query.search))),
  },
  {
    ...{
      method: 'GET',
      path: '/categories',
      needs: ['apps.read'],
      tag: 'Apps',
      summary: 'List the categories of apps',
    },
    answers: { status: 200, schema: 'Categories' },
    run: async ({ context, actor }) => {
      const items = await listCategories(context.store, actor);
      return { kind: 'done', status: 200, body: { items } };
    },
  },
];

function shownLine(line: AppLine): object {
  return line.kind === 'app' ? shownApp(line) : { id: line.id, name: line.name, problem: line.problem };
}

/** As it can be sent back: a certificate by its id, its key nowhere. */
function shownApp({ app, ownerUserId, assignments, createdAt, updatedAt }: AppRecord): Shown {
  const { id, ...fields } = app;
  const upstreams = [app.upstream, ...app.traffic.routes.map(({ upstream }) => upstream)];
  const certificates = new Map(
    upstreams.flatMap(({ clientCertificate }) => {
      if (!clientCertificate) return [];
      const { cert } = clientCertificate;
      const known = { id: certificateId(cert), subject: subjectOf(cert), expiresAt: expiryOf(cert) };
      return [[known.id, known] as const];
    }),
  );
  const routes = app.traffic.routes.map((route) => ({ ...route, upstream: shownUpstream(route.upstream) }));
  return {
    id,
    ...fields,
    upstream: shownUpstream(app.upstream),
    traffic: { ...app.traffic, routes },
    ...{ ownerUserId, assignments, certificates: [...certificates.values()], createdAt, updatedAt },
  };
}

function shownUpstream(upstream: App['upstream']): object {
  const { clientCertificate } = upstream;
  const kept = clientCertificate && { kind: 'kept', id: certificateId(clientCertificate.cert) };
  return { ...upstream, clientCertificate: kept };
}
