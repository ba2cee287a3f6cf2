// A real store on a real file for one test, with a clock that the test moves and people who act.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Hostname } from '#server/core/hostname.ts';
import type { Role, Session } from '#server/core/identity.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { saveApp } from '../apps.ts';
import { migrateStore, openStore, type Store, type StoreOptions } from '../handle.ts';
import type { PersonActor, Saved } from '../saved.ts';
import { createSession, type NewSession } from '../sessions.ts';
import { saveSite } from '../sites.ts';
import { saveUser } from '../users.ts';

export const SYSTEM = { kind: 'system' } as const;
export const PASSWORD = 'a few plain words';
export const TEST_SECRET = randomBytes(32);
export const PORTAL: Portal = {
  origin: 'https://portal.example',
  hostname: 'portal.example' as Hostname,
  scheme: 'https',
  port: 443,
};

/** Epoch milliseconds that only the test moves. */
export type Clock = { now: number };

export function temporaryDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-store-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** An empty file, which becomes a database. */
export function temporaryFile(t: TestContext): string {
  const file = join(temporaryDir(t), 'x.db');
  writeFileSync(file, '');
  return file;
}

export async function temporaryStore(
  t: TestContext,
  options: Partial<StoreOptions> = {},
): Promise<{ store: Store; clock: Clock; dataDir: string }> {
  const dataDir = temporaryDir(t);
  const clock: Clock = { now: Date.UTC(2026, 0, 1) };
  await migrateStore({ dataDir, now: () => clock.now });
  return { store: await anotherStore(t, dataDir, clock, options), clock, dataDir };
}

/** One more process's view of the same file. */
export async function anotherStore(
  t: TestContext,
  dataDir: string,
  clock: Clock,
  options: Partial<StoreOptions> = {},
): Promise<Store> {
  const store = await openStore({ dataDir, secret: TEST_SECRET, portal: PORTAL, now: () => clock.now, ...options });
  t.after(() => store.close());
  return store;
}

/** The outcome, as long as it is the wished one. */
export function saved<T extends object>(outcome: Saved<T>): { kind: 'saved' } & T {
  if (outcome.kind !== 'saved') throw new Error(`Not saved: ${JSON.stringify(outcome)}`);
  return outcome;
}

let people = 0;

/** A person with a session of their own, ready to act; without `password` they cannot sign in again. */
export async function someone(
  store: Store,
  role: Role,
  options: { email?: string; password?: string } = {},
): Promise<PersonActor> {
  const email = options.email ?? `${role}-${++people}@corp.example`;
  const { id } = saved(await saveUser(store, SYSTEM, null, { email, name: email, role, password: options.password }));
  return signedIn(store, id);
}

export async function signedIn(store: Store, userId: string): Promise<PersonActor> {
  const session = await newSession(store, { userId, kind: 'standard', address: '192.0.2.7', userAgent: 'test' });
  if (!session) throw new Error('No session.');
  const { email, role } = session.identity;
  return { userId, email, role, sessionId: session.id, address: '192.0.2.7' };
}

/** A sign-in by what the person has now; who has nothing to sign in with is lent a password for it. */
export async function newSession(store: Store, input: Omit<NewSession, 'verified'>): Promise<Session | null> {
  const { userId } = input;
  const users = store.db.selectFrom('users').leftJoin('providers', 'providers.issuer', 'users.issuer');
  const person = await users
    .select(['users.password_hash', 'providers.id as providerId'])
    .where('users.id', '=', userId)
    .executeTakeFirst();
  if (person?.providerId) {
    return createSession(store, { ...input, verified: { kind: 'provider', providerId: person.providerId } });
  }
  const passwordHash = person?.password_hash ?? 'lent';
  const setHash = (hash: string | null) =>
    store.db.updateTable('users').set({ password_hash: hash }).where('id', '=', userId).execute();
  await setHash(passwordHash);
  const session = await createSession(store, { ...input, verified: { kind: 'password', passwordHash } });
  await setHash(person?.password_hash ?? null);
  return session;
}

export async function someSite(store: Store, input: Record<string, unknown> = {}): Promise<string> {
  return saved(await saveSite(store, SYSTEM, null, { name: 'Office', ranges: ['10.0.0.0/8'], ...input })).id;
}

export function appInputFor(siteId: string, input: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Wiki',
    hosts: ['wiki.corp.example'],
    siteId,
    upstream: { scheme: 'http', host: 'wiki.corp.internal', port: 8080 },
    ...input,
  };
}

export async function someApp(store: Store, siteId: string, input: Record<string, unknown> = {}): Promise<string> {
  return saved(await saveApp(store, SYSTEM, null, appInputFor(siteId, input))).id;
}
