// Everything that is kept of one person, as JSON, read while it is being sent. No secret: no password, no token, no key.
import { type AuditFilters, type AuditRecord, listAudit } from './audit.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Forbidden, NOT_FOUND, type NotFound } from './saved.ts';
import { userRecords } from './user-record.ts';
import { write } from './write.ts';

const ROWS_PER_READ = 500;

/** Needs the right to read people and the audit. That it was taken is in the audit. */
export async function exportPerson(
  store: Store,
  actor: Actor,
  id: string,
): Promise<{ kind: 'exported'; email: string; pieces: AsyncGenerator<string> } | Forbidden | NotFound> {
  const right = await rightTo(store.db, actor, 'audit.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const row = isId(id) && (await store.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst());
  const [user] = row ? await userRecords(store, [row]) : [];
  if (!user) return NOT_FOUND;
  const noted = await write(store, actor, 'people.read', async (w) => {
    w.audit({ action: 'person-exported', object: { kind: 'user', id, name: user.email } });
    return { kind: 'saved' };
  });
  if (noted.kind !== 'saved') return FORBIDDEN;
  return { kind: 'exported', email: user.email, pieces: piecesOf(store, actor, id, user) };
}

async function* piecesOf(store: Store, actor: Actor, id: string, profile: object): AsyncGenerator<string> {
  yield `{"exportedAt":${JSON.stringify(new Date(store.now()).toISOString())}`;
  yield `,"profile":${JSON.stringify(profile)}`;
  for (const [name, rows] of await kept(store, id)) yield `,${JSON.stringify(name)}:${JSON.stringify(rows)}`;
  yield ',"usage":[';
  yield* lines(usageOf(store, id));
  yield '],"auditWhereTheyActed":[';
  yield* lines(auditOf(store, actor, { userId: id }));
  yield '],"auditAboutThem":[';
  yield* lines(mapped(auditOf(store, actor, { objectId: id }), (event) => withoutOthers(event, id)));
  yield ']}\n';
}

/** What a person has few of. Times are epoch milliseconds, as they are stored. */
async function kept({ db }: Store, id: string): Promise<[name: string, rows: readonly object[]][]> {
  const of = <Row extends object>(name: string, rows: Promise<Row[]>) =>
    rows.then((found): [string, Row[]] => [name, found]);
  return Promise.all([
    of(
      'sessions',
      db
        .selectFrom('sessions')
        .select(['id', 'kind', 'created_at', 'expires_at', 'last_seen_at', 'address', 'user_agent'])
        .where('user_id', '=', id)
        .execute(),
    ),
    of(
      'openStreams',
      db
        .selectFrom('open_streams')
        .innerJoin('sessions', 'sessions.id', 'open_streams.session_id')
        .select(['open_streams.app_id', 'open_streams.kind', 'open_streams.since'])
        .where('sessions.user_id', '=', id)
        .execute(),
    ),
    of('assignedApps', db.selectFrom('app_users').select('app_id').where('user_id', '=', id).execute()),
    of('ownedApps', db.selectFrom('apps').select(['id', 'name']).where('owner_user_id', '=', id).execute()),
    of('launcher', db.selectFrom('launcher_apps').selectAll().where('user_id', '=', id).execute()),
    of('preferences', db.selectFrom('preferences').selectAll().where('user_id', '=', id).execute()),
    of('acceptedTerms', db.selectFrom('terms_acceptances').selectAll().where('user_id', '=', id).execute()),
    of('dismissedNotices', db.selectFrom('notice_dismissals').selectAll().where('user_id', '=', id).execute()),
    of(
      'machines',
      db
        .selectFrom('machines')
        .select(['id', 'name', 'version', 'os', 'created_at', 'last_seen_at'])
        .where('owner_user_id', '=', id)
        .execute(),
    ),
    of(
      'apiTokens',
      db
        .selectFrom('api_tokens')
        .select(['id', 'name', 'scopes', 'created_at', 'expires_at', 'last_used_at', 'last_used_address'])
        .where('user_id', '=', id)
        .execute(),
    ),
  ]);
}

/** The hours of the last two days in which they used each app, and the days before on which they used any. */
async function* usageOf({ db }: Store, id: string): AsyncGenerator<readonly object[]> {
  let after = { span: '', at: -1, app_id: '' };
  for (;;) {
    const rows = await db
      .selectFrom('usage_people')
      .select(['span', 'at', 'app_id', 'failed_at'])
      .where('user_id', '=', id)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('span', 'at', 'app_id'), '>', tuple(after.span as 'day', after.at, after.app_id)),
      )
      .orderBy('span')
      .orderBy('at')
      .orderBy('app_id')
      .limit(ROWS_PER_READ)
      .execute();
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_PER_READ) return;
    after = last;
  }
}

async function* auditOf(store: Store, actor: Actor, filters: AuditFilters): AsyncGenerator<readonly AuditRecord[]> {
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(store, actor, {
      before,
      limit: ROWS_PER_READ,
      filters,
    });
    if (page.kind !== 'listed') throw new Error('The session that exports a person has ended.');
    yield page.rows;
    before = page.next;
  } while (before !== null);
}

/** Who else did something to a person, and from where, is not the person’s own. */
function withoutOthers(event: AuditRecord, id: string): object {
  const isOwn = event.actor === null || event.actor.userId === id;
  return isOwn ? event : { ...event, actor: 'another person', address: null };
}

async function* mapped<From, To>(
  pages: AsyncIterable<readonly From[]>,
  change: (row: From) => To,
): AsyncGenerator<readonly To[]> {
  for await (const rows of pages) yield rows.map(change);
}

/** Objects as JSON, between commas. */
async function* lines(pages: AsyncIterable<readonly object[]>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield (isFirst ? '' : ',') + rows.map((row) => JSON.stringify(row)).join(',');
    isFirst = false;
  }
}
