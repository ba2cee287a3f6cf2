// The terms of use: a text that people accept by a click before anything opens. Every version stays, and so does who accepted it.
import type { Kysely } from 'kysely';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, conflict, FORBIDDEN, type Found, type PersonActor, type Saved } from './saved.ts';
import { parseInput } from './schema/parse-input.ts';
import { termsInput } from './schema/portal.ts';
import type { Tables } from './tables.ts';
import { write, writeOwn } from './write.ts';

export type Terms = { version: number; text: string; publishedAt: number };

/** The newest version as administrators see it: its text may be '', and then nobody is asked. */
export type TermsRecord = Terms & { accepted: number; people: number };

/** What this person has still to accept; null when there is nothing. */
export async function pendingTerms(store: Store, userId: string): Promise<Terms | null> {
  const row = await store.db
    .selectFrom('terms')
    .leftJoin('terms_acceptances', (on) =>
      on.onRef('terms_acceptances.version', '=', 'terms.version').on('terms_acceptances.user_id', '=', userId),
    )
    .select(['terms.version', 'terms.text', 'terms.published_at', 'terms_acceptances.at as accepted_at'])
    .orderBy('terms.version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row || row.text === '' || row.accepted_at !== null) return null;
  return { version: row.version, text: row.text, publishedAt: row.published_at };
}

/** Records the click: who, when, from where, and which version. A version that is not the newest is nothing to accept. */
export async function acceptTerms(store: Store, actor: PersonActor, version: number): Promise<Saved<object>> {
  return writeOwn(store, actor, async (w) => {
    const newest = await newestOf(w.trx);
    if (!newest || newest.text === '') return conflict('There is nothing to accept any more. Go to your apps.');
    if (newest.version !== version) return conflict('The text has changed meanwhile. Read the new one.');
    const added = await w.trx
      .insertInto('terms_acceptances')
      .values({ user_id: actor.userId, version, at: w.now, address: actor.address })
      .onConflict((on) => on.columns(['user_id', 'version']).doNothing())
      .returning('version')
      .executeTakeFirst();
    if (added) w.audit({ action: 'terms-accepted', object: objectOf(version) });
    return { kind: 'saved' };
  });
}

/** Null before the first version. */
export async function getTerms(store: Store, actor: Actor): Promise<Found<{ terms: TermsRecord | null }>> {
  const right = await rightTo(store.db, actor, 'settings.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const newest = await newestOf(store.db);
  if (!newest) return { kind: 'found', terms: null };
  const counted = store.db.selectFrom('terms_acceptances').select((eb) => eb.fn.countAll<number>().as('count'));
  const people = store.db.selectFrom('users').select((eb) => eb.fn.countAll<number>().as('count'));
  const [accepted, enabled] = await Promise.all([
    counted.where('version', '=', newest.version).executeTakeFirstOrThrow(),
    people.where('disabled', '=', 0).executeTakeFirstOrThrow(),
  ]);
  const { version, text, published_at: publishedAt } = newest;
  return { kind: 'found', terms: { version, text, publishedAt, accepted: accepted.count, people: enabled.count } };
}

/** Publishes a new version, which everybody has to accept; '' asks nobody any more. `input`: schema/portal.ts. */
export async function publishTerms(
  store: Store,
  actor: Actor,
  input: unknown,
  expectedVersion?: number,
): Promise<Saved<{ version: number }>> {
  return write(store, actor, 'settings.write', async (w) => {
    const parsed = parseInput(termsInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const { text } = parsed.value;
    const newest = await newestOf(w.trx);
    if (expectedVersion !== undefined && expectedVersion !== (newest?.version ?? 0))
      return conflict('Somebody published another version since you opened this. Reload to see it.');
    if (text === (newest?.text ?? '')) return conflict('This is the text that is published already.');
    const version = (newest?.version ?? 0) + 1;
    await w.trx.insertInto('terms').values({ version, text, published_at: w.now }).execute();
    w.audit({ action: text === '' ? 'terms-withdrawn' : 'terms-published', object: objectOf(version) });
    return { kind: 'saved', version };
  });
}

async function newestOf(db: Kysely<Tables>): Promise<Tables['terms'] | undefined> {
  return db.selectFrom('terms').selectAll().orderBy('version', 'desc').limit(1).executeTakeFirst();
}

function objectOf(version: number) {
  return { kind: 'terms', id: String(version), name: `Version ${version}` } as const;
}
