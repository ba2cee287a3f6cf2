// A person is erased: deleted at once, and then their names are taken out of the audit, whose events stay.
import { isDeepStrictEqual } from 'node:util';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { readJson } from './app-row.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { endSessionsWhere, keepingAnAdmin } from './people.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Found, invalid, NOT_FOUND, type Saved } from './saved.ts';
import type { Tables } from './tables.ts';
import { beyondToken } from './token-reach.ts';
import { forgetInUndos } from './undo-record.ts';
import { type Writing, write } from './write.ts';

const ROWS_PER_WRITE = 200;
/** Gateways may still hold events of the person for some seconds, longer while the store is away. */
const LATE_EVENTS_MS = 10 * 60_000;

/** How many events of the audit have the person in them: as who acted, or as what was acted on. */
export async function countAuditOf(store: Store, actor: Actor, id: string): Promise<Found<{ events: number }>> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const { events } = await store.db
    .selectFrom('audit_events')
    .select((eb) => eb.fn.countAll<number>().as('events'))
    .where((eb) => eb.or([eb('actor_user_id', '=', id), eb('object_id', '=', id)]))
    .executeTakeFirstOrThrow();
  return { kind: 'found', events };
}

/**
 * Deletes a person and everything that is kept of them alone. `typed` is their e-mail address, as the administrator typed it.
 * Their events stay, under a pseudonym and without addresses; `pseudonym` is what the audit calls them from now on.
 */
export async function erasePerson(
  store: Store,
  actor: Actor,
  id: string,
  typed: string,
): Promise<Saved<{ id: string; pseudonym: string }>> {
  const erased = await write(store, actor, 'people.write', async (w) => {
    const person = isId(id) && (await w.trx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst());
    if (!person) return NOT_FOUND;
    const beyond = beyondToken(actor, person.role);
    if (beyond) return beyond;
    if (fold(typed.trim()) !== person.email_folded)
      return invalid({ email: `This is not the e-mail address of ${person.name}. Nothing was erased.` });
    const names = await namesOf(w, person);
    await endSessionsWhere(w, { userIds: [id] }, 'user-erased');
    const alone = await keepingAnAdmin(w, async () => {
      await w.trx.deleteFrom('users').where('id', '=', id).execute();
    });
    if (alone) return alone;
    const pseudonym = pseudonymOf(id);
    await w.trx
      .insertInto('erasures')
      .values({ user_id: id, pseudonym, names: JSON.stringify(names), at: w.now })
      .onConflict((on) => on.column('user_id').doNothing())
      .execute();
    w.raise('user', id);
    w.raise('catalogue');
    w.audit({ action: 'user-erased', object: { kind: 'user', id, name: pseudonym } });
    return { kind: 'saved', id, pseudonym };
  });
  if (erased.kind === 'saved') await finishErasures(store);
  return erased;
}

/** The same for the same person, and nothing to anybody who does not know their id. */
function pseudonymOf(id: string): string {
  return `erased-${id.slice(-12)}`;
}

/** What the audit may call a person: the present address, and those that they had before; none that somebody else has now. */
async function namesOf({ trx }: Writing, person: Tables['users']): Promise<string[]> {
  const acted = await trx
    .selectFrom('audit_events')
    .select('actor_email as name')
    .distinct()
    .where('actor_user_id', '=', person.id)
    .execute();
  const named = await trx
    .selectFrom('audit_events')
    .select('object_name as name')
    .distinct()
    .where('object_id', '=', person.id)
    .execute();
  const all = [person.email, ...acted.map(({ name }) => name), ...named.map(({ name }) => name)];
  const names = [...new Set(all.flatMap((name) => (name?.includes('@') ? [name] : [])))];
  const others = await trx
    .selectFrom('users')
    .select('email_folded')
    .where('id', '!=', person.id)
    .where('email_folded', 'in', names.map(fold))
    .execute();
  return names.filter((name) => !others.some(({ email_folded }) => email_folded === fold(name)));
}

/**
 * Takes erased people out of what is kept of deleted apps, and their names out of the audit, in short transactions: who acted, what was acted on, sessions that bear
 * their address, and details that name it. Goes on where it was interrupted, and looks again for events that came late.
 */
export async function finishErasures(store: Store): Promise<void> {
  for (const erasure of await store.db.selectFrom('erasures').selectAll().execute()) {
    const names: readonly string[] = JSON.parse(erasure.names);
    await forgetInUndos(store, erasure.user_id);
    await anonymise(store, erasure, names, (row) => row('actor_user_id', '=', erasure.user_id));
    await anonymise(store, erasure, names, (row) => row('object_id', '=', erasure.user_id));
    for (const name of names) {
      await anonymise(store, erasure, names, (row) => row('object_name', '=', name));
      await anonymise(store, erasure, names, (row) => holds(row.ref('detail'), name));
    }
    if (store.now() - erasure.at > LATE_EVENTS_MS)
      await store.db.deleteFrom('erasures').where('user_id', '=', erasure.user_id).execute();
  }
}

type Condition = (row: ExpressionBuilder<Tables, 'audit_events'>) => Expression<SqlBool>;

async function anonymise(
  store: Store,
  erasure: Tables['erasures'],
  names: readonly string[],
  which: Condition,
): Promise<void> {
  let after = '';
  do {
    const rows = await store.db
      .selectFrom('audit_events')
      .selectAll()
      .where(which)
      .where('id', '>', after)
      .orderBy('id')
      .limit(ROWS_PER_WRITE)
      .execute();
    await store.db.transaction().execute(async (trx) => {
      for (const row of rows) {
        const set = withoutNames(row, erasure, names);
        if (Object.keys(set).length > 0)
          await trx.updateTable('audit_events').set(set).where('id', '=', row.id).execute();
      }
    });
    after = rows.length === ROWS_PER_WRITE ? (rows.at(-1)?.id ?? '') : '';
  } while (after !== '');
}

/** What changes in an event; ids, times and outcomes stay, so that it still says what happened. */
function withoutNames(
  row: Tables['audit_events'],
  { pseudonym, user_id }: Tables['erasures'],
  names: readonly string[],
): Partial<Tables['audit_events']> {
  const set: Partial<Tables['audit_events']> = {};
  if (row.actor_user_id === user_id) {
    if (row.actor_email !== pseudonym) Object.assign(set, { actor_email: pseudonym, actor_email_folded: pseudonym });
    if (row.address !== null) set.address = null;
  }
  const isNamed = row.object_id === user_id || names.includes(row.object_name ?? '');
  if (isNamed && row.object_name !== pseudonym)
    Object.assign(set, { object_name: pseudonym, object_name_folded: pseudonym });
  const detail = detailWithout(row.detail, names, pseudonym);
  if (detail !== row.detail) set.detail = detail;
  return set;
}

const LETTER = '[\\p{L}\\p{M}\\p{N}_]';

/** A detail that is no JSON is taken for one text. What holds none of the names stays as it is, to the letter. */
function detailWithout(detail: string, names: readonly string[], pseudonym: string): string {
  const whole = names.map((name) => new RegExp(`(?<!${LETTER}|[.+-])${RegExp.escape(name)}(?!\\.?${LETTER}|-)`, 'gu'));
  const inText = (text: string) => whole.reduce((left, name) => left.replaceAll(name, pseudonym), text);
  const value = readJson(detail);
  if (value === undefined) return inText(detail);
  const after = eachText(value, inText);
  return isDeepStrictEqual(after, value) ? detail : JSON.stringify(after);
}

/** The value with each of its texts changed, names of fields included. */
function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => eachText(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [change(key), eachText(each, change)]));
}

/** A text as it stands in JSON, without its quotes. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function holds(column: Expression<string>, text: string): Expression<SqlBool> {
  return sql<SqlBool>`${column} like ${`%${inJson(text).replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`;
}
