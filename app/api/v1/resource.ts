// The six routes of a kind of thing that can be listed, made, read, replaced, patched and deleted.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Action } from '#server/core/permission.ts';
import type { Store } from '#server/store/handle.ts';
import type { Actor, Forbidden, Listed, ListQuery, NotFound, Saved, SavedRecord } from '#server/store/saved.ts';
import { isObject, mergePatch } from './merge-patch.ts';
import { type Refused, type Reply, ROOT, refusal } from './reply.ts';
import type { Call, Route } from './route-table.ts';
import type { SchemaName } from './schemas.ts';

/** A record as the API shows it. */
export type Shown = { id: string; updatedAt: number } & Record<string, unknown>;

type Kind = {
  tag: string;
  path: string;
  /** With its article: “an app”. */
  one: string;
  many: string;
  /** `make`: what a new one needs besides. */
  needs: { read: Action; write: Action; make?: Action };
  schemas: { list: SchemaName; answer: SchemaName; input: SchemaName };
  /** Fields of the answer that Foyer decides. Sent back as they are they change nothing; sent otherwise the store refuses them. */
  readOnly: readonly string[];
  /** What the list can be asked for; `list` gets it. Without it: listQuery. */
  query?: z.ZodObject;
  /** A list so short that it has no pages and no search. */
  isWhole?: boolean;
  notes?: { list?: string; save?: string; remove?: string };
  list(store: Store, actor: Actor, query: ListQuery): Promise<Listed<object>>;
  get(store: Store, actor: Actor, id: string): Promise<{ kind: 'shown'; shown: Shown } | NotFound | Forbidden>;
  save(store: Store, actor: Actor, id: string | null, input: unknown, expected?: number): Promise<SavedRecord>;
  remove(store: Store, actor: Actor, id: string, expected?: number): Promise<Saved>;
};

export const listQuery = z.strictObject({
  search: z.string().max(200).optional().describe('Text in names; case and accents do not matter.'),
  limit: z.coerce.number().int().min(1).max(500).default(100).describe('How many at once.'),
  offset: z.coerce.number().int().min(0).default(0).describe('How many to pass over; follow `next` rather than count.'),
});

export function resource(kind: Kind): Route[] {
  const { tag, path, one, many, needs, schemas, notes = {} } = kind;
  const single = `${path}/{id}`;
  const versioned = { status: 200, schema: 'Saved', hasVersion: true } as const;
  return [
    {
      ...{ method: 'GET', path, needs: [needs.read], tag, summary: `List ${many}`, description: notes.list },
      ...(kind.isWhole ? {} : { query: kind.query ?? listQuery }),
      answers: { status: 200, schema: schemas.list },
      run: (call) => listed(call, path, kind.list(call.context.store, call.actor, call.query)),
    },
    {
      ...{ method: 'POST', path, tag, summary: `Make ${one}`, description: notes.save },
      needs: needs.make ? [needs.write, needs.make] : [needs.write],
      body: schemas.input,
      answers: { status: 201, schema: 'Saved', hasVersion: true },
      run: async ({ context, actor, body }) => {
        const made = await kind.save(context.store, actor, null, body);
        return made.kind === 'saved'
          ? { ...savedReply(made), status: 201, location: `${path}/${made.id}` }
          : refusal(made);
      },
    },
    {
      ...{ method: 'GET', path: single, needs: [needs.read], tag, summary: `Read ${one}` },
      answers: { status: 200, schema: schemas.answer, hasVersion: true },
      run: async ({ context, actor, params }) => {
        const found = await kind.get(context.store, actor, params.id ?? '');
        if (found.kind !== 'shown') return refusal(found);
        return { kind: 'done', status: 200, body: found.shown, version: found.shown.updatedAt };
      },
    },
    {
      ...{ method: 'PUT', path: single, needs: [needs.write], tag, summary: `Replace ${one}`, description: notes.save },
      body: schemas.input,
      ifMatch: 'required',
      answers: versioned,
      run: async ({ context, actor, params, body, expected }) => {
        const id = params.id ?? '';
        const found = await kind.get(context.store, actor, id);
        const input = found.kind === 'shown' ? withoutReadOnly(kind, body, found.shown) : body;
        return savedOr(await kind.save(context.store, actor, id, input, expected));
      },
    },
    {
      ...{
        method: 'PATCH',
        path: single,
        needs: [needs.read, needs.write],
        tag,
        summary: `Change some fields of ${one}`,
      },
      description: 'A JSON merge patch (RFC 7396): fields that are left out stay, `null` puts one back to its default.',
      body: schemas.input,
      ifMatch: 'required',
      answers: versioned,
      run: (call) => patch(kind, call),
    },
    {
      ...{
        method: 'DELETE',
        path: single,
        needs: [needs.write],
        tag,
        summary: `Delete ${one}`,
        description: notes.remove,
      },
      ifMatch: 'optional',
      answers: { status: 204 },
      run: async ({ context, actor, params, expected }) => {
        const removed = await kind.remove(context.store, actor, params.id ?? '', expected);
        return removed.kind === 'saved' ? { kind: 'nothing' } : refusal(removed);
      },
    },
  ];
}

/** A page of a list, with the address of the next one. */
export async function listed(call: Call, path: string, list: Promise<Listed<object> | Refused>): Promise<Reply> {
  const found = await list;
  if (found.kind !== 'listed') return refusal(found);
  const { offset = 0, limit: _, ...rest } = call.query as ListQuery;
  const end = offset + found.rows.length;
  const next =
    found.rows.length > 0 && end < found.total ? nextAddress(path, { ...call.query, ...rest, offset: end }) : null;
  return { kind: 'done', status: 200, body: { items: found.rows, total: found.total, next }, next };
}

export function nextAddress(path: string, query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return `${ROOT}${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

export function savedOr(outcome: SavedRecord): Reply {
  return outcome.kind === 'saved' ? savedReply(outcome) : refusal(outcome);
}

function savedReply({ id, updatedAt }: { id: string; updatedAt: number }) {
  return { kind: 'done', status: 200, body: { id, updatedAt }, version: updatedAt } as const;
}

/** Merged onto what was read; the version that was read has to be there still when it is saved. */
async function patch(kind: Kind, { context, actor, params, body, expected }: Call): Promise<Reply> {
  const id = params.id ?? '';
  const found = await kind.get(context.store, actor, id);
  if (found.kind !== 'shown') return refusal(found);
  const { shown } = found;
  const inputs = Object.fromEntries(Object.entries(shown).filter(([name]) => !kind.readOnly.includes(name)));
  const merged = mergePatch(inputs, withoutReadOnly(kind, body, shown));
  return savedOr(await kind.save(context.store, actor, id, merged, expected ?? shown.updatedAt));
}

/** What was read can be sent back: a field that Foyer decides may be in it as long as it says what is so. */
function withoutReadOnly({ readOnly }: Kind, body: unknown, shown: Shown): unknown {
  if (!isObject(body)) return body;
  const isEcho = (name: string, value: unknown) => readOnly.includes(name) && isDeepStrictEqual(value, shown[name]);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !isEcho(name, value)));
}
