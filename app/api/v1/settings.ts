// The settings of the whole of Foyer by the API: each key of the store's own table has its three routes.
import { SETTINGS as KEYS, type SettingKey } from '#server/store/schema/settings.ts';
import { getSetting, saveSetting } from '#server/store/settings.ts';
import { withDrawnLogo } from '../../admin/settings/drawn-logo.ts';
import { isObject, mergePatch } from './merge-patch.ts';
import { type Reply, refusal } from './reply.ts';
import { savedOr } from './resource.ts';
import type { Call, Route } from './route-table.ts';

export const SETTINGS: readonly Route[] = (Object.keys(KEYS) as SettingKey[]).flatMap(routesOf);

function routesOf(key: SettingKey): Route[] {
  const path = `/settings/${key}`;
  const tag = 'Settings';
  const saved = { status: 200, schema: 'Saved', hasVersion: true } as const;
  return [
    {
      ...{ method: 'GET', path, needs: ['settings.read'], tag, summary: `Read the setting ${key}` },
      answers: { status: 200, schema: `setting-${key}`, hasVersion: true },
      run: async ({ context, actor }) => {
        const found = await getSetting(context.store, actor, key);
        if (found.kind !== 'found') return refusal(found);
        return { kind: 'done', status: 200, body: found.value, version: found.updatedAt };
      },
    },
    {
      ...{ method: 'PUT', path, needs: ['settings.write'], tag, summary: `Replace the setting ${key}` },
      body: `setting-${key}-input`,
      ifMatch: 'required',
      answers: saved,
      run: async ({ context, actor, body, expected }) => save({ context, actor }, key, body, expected),
    },
    {
      ...{
        method: 'PATCH',
        path,
        needs: ['settings.read', 'settings.write'],
        tag,
        summary: `Change the setting ${key}`,
      },
      description: 'A JSON merge patch (RFC 7396).',
      body: `setting-${key}-input`,
      ifMatch: 'required',
      answers: saved,
      run: async ({ context, actor, body, expected }) => {
        const found = await getSetting(context.store, actor, key);
        if (found.kind !== 'found') return refusal(found);
        const merged = isObject(body) ? mergePatch(found.value, body) : body;
        return save({ context, actor }, key, merged, expected ?? found.updatedAt);
      },
    },
  ];
}

async function save(
  { context, actor }: Pick<Call, 'context' | 'actor'>,
  key: SettingKey,
  value: unknown,
  expected: number | undefined,
): Promise<Reply> {
  const ready = key === 'brand' ? await withDrawnLogo(value) : ({ kind: 'ready', brand: value } as const);
  return ready.kind === 'ready'
    ? savedOr(await saveSetting(context.store, actor, key, ready.brand, expected))
    : refusal(ready);
}
