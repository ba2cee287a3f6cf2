// Several apps at once by the API, and what can be taken back.
import { changeApps } from '#server/store/bulk.ts';
import { listDeleted, restoreApp, undo } from '#server/store/undo.ts';
import { isObject } from './merge-patch.ts';
import { refusal } from './reply.ts';
import { listed, listQuery } from './resource.ts';
import type { Route } from './route-table.ts';

export const APPS_AT_ONCE: readonly Route[] = [
  {
    ...{ method: 'POST', path: '/apps/changes', needs: ['apps.write'], tag: 'Apps', summary: 'Change several apps' },
    description:
      'Some by their ids, or all that match a filter: assigned, enabled, disabled, put into a category or deleted. `undoId` takes ' +
      'it back for a while; it is null when nothing was changed.',
    body: 'BulkInput',
    answers: { status: 200, schema: 'BulkDone' },
    run: async ({ context, actor, body }) => {
      const { selection, change, ...others } = isObject(body) ? body : {};
      const [unknown] = Object.keys(others);
      if (unknown) return refusal({ kind: 'invalid', errors: { [unknown]: 'There is no such field. Remove it.' } });
      const done = await changeApps(context.store, actor, selection, change);
      if (done.kind !== 'saved') return refusal(done);
      const { kind: _, ...counts } = done;
      return { kind: 'done', status: 200, body: counts };
    },
  },
  {
    ...{ method: 'GET', path: '/deleted-apps', needs: ['apps.write'], tag: 'Apps', summary: 'List deleted apps' },
    description: 'Those that can still be brought back, the newest first.',
    query: listQuery.omit({ search: true }),
    answers: { status: 200, schema: 'DeletedAppList' },
    run: (call) => listed(call, '/deleted-apps', listDeleted(call.context.store, call.actor, call.query)),
  },
  {
    ...{ method: 'POST', path: '/undos/{id}', needs: ['apps.write'], tag: 'Apps', summary: 'Take a change back' },
    description:
      'Only where nobody changed an app since. What is left as it is, is told with its reason. A deleted app comes back to where it ' +
      'was, which needs the scope `apps:place` besides; an app owner brings back what they deleted themselves.',
    answers: { status: 200, schema: 'UndoDone' },
    run: async ({ context, actor, params }) => {
      const done = await undo(context.store, actor, params.id ?? '');
      if (done.kind !== 'saved') return refusal(done);
      return { kind: 'done', status: 200, body: { done: done.done, left: done.left } };
    },
  },
  {
    ...{ method: 'POST', path: '/undos/{id}/apps/{appId}', needs: ['apps.write'], tag: 'Apps' },
    summary: 'Bring one deleted app back',
    description: 'Needs the scope `apps:place` besides; an app owner brings back what they deleted themselves.',
    answers: { status: 204 },
    run: async ({ context, actor, params }) => {
      const restored = await restoreApp(context.store, actor, params.id ?? '', params.appId ?? '');
      return restored.kind === 'saved' ? { kind: 'nothing' } : refusal(restored);
    },
  },
];
