// Logins of command lines (RFC 8628): one asks with a code, a person who is signed in approves or refuses it, and it fetches its token once.
import { createHmac, randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import { TOKEN_HINT_LENGTH, TOKEN_SECRET_BYTES, writeToken } from '#server/core/api-token.ts';
import { deriveKey } from '#server/core/seal.ts';
import { parseUserCode, USER_CODE_BYTES, type UserCode, userCodeText, writeUserCode } from '#server/core/user-code.ts';
import type { Store } from './handle.ts';
import { newId } from './id.ts';
import { type LiveToken, liveToken } from './live-token.ts';
import { makeLoginToken } from './login-tokens.ts';
import { newToken, tokenHash } from './one-time.ts';
import { type Conflict, conflict, type Invalid, invalid, type PersonActor, type Saved } from './saved.ts';
import type { Tables } from './tables.ts';
import { addressKey, guess } from './throttle.ts';
import { write } from './write.ts';

export const DEVICE_LIFETIME_MS = 10 * 60_000;
/** Between two polls; longer by as much with each that comes too early (RFC 8628 §3.5). */
export const DEVICE_INTERVAL_MS = 3_000;
const LONGEST_INTERVAL_MS = 60_000;
/** A poll that is early by no more than the way here took. */
const EARLY_MS = 500;
const CLOCK_LEEWAY_MS = 60_000;
/** Logins that wait, of everybody and of one address: whoever starts more keeps the store no fuller. */
export const MOST_DEVICES = 1_000;
export const MOST_DEVICES_PER_ADDRESS = 10;

/** What a command line says of itself; shown to the person, believed by nobody. */
export type DeviceAsking = { machine: string; os: string; address: string | null };

/** `deviceCode` is the command line's secret, `userCode` the person's (`WDJB-MJHT`). `full`: too many wait already, of this address or at all. */
export type StartedDevice =
  | { kind: 'started'; deviceCode: string; userCode: string; expiresAt: number; intervalMs: number }
  | { kind: 'full'; whose: 'address' | 'everybody'; retryAfterMs: number };

export async function startDeviceLogin(store: Store, asking: DeviceAsking): Promise<StartedDevice> {
  const now = store.now();
  const [deviceCode, userCode] = [newToken(), writeUserCode(randomBytes(USER_CODE_BYTES))];
  return store.db.transaction().execute(async (trx): Promise<StartedDevice> => {
    await forgetOver(trx, now);
    const waiting = await trx.selectFrom('device_logins').select(['address', 'expires_at']).execute();
    const own = waiting.filter(({ address }) => addressKey(address || null) === addressKey(asking.address));
    const isOwnFull = own.length >= MOST_DEVICES_PER_ADDRESS;
    if (isOwnFull || waiting.length >= MOST_DEVICES) {
      const firstOver = Math.min(...(isOwnFull ? own : waiting).map((row) => row.expires_at));
      return { kind: 'full', whose: isOwnFull ? 'address' : 'everybody', retryAfterMs: firstOver - now };
    }
    const expiresAt = now + DEVICE_LIFETIME_MS;
    await trx
      .insertInto('device_logins')
      .values({
        ...{ id: newId(now), device_hash: tokenHash(deviceCode), user_hash: userHash(store, userCode) },
        ...{ machine: asking.machine, os: asking.os, address: asking.address ?? '' },
        ...{ created_at: now, expires_at: expiresAt, polled_at: null, interval_ms: DEVICE_INTERVAL_MS },
        ...{ decision: null, token_id: null },
      })
      .execute();
    return { kind: 'started', deviceCode, userCode: userCodeText(userCode), expiresAt, intervalMs: DEVICE_INTERVAL_MS };
  });
}

/** What a person decides about. `isHere`: it asks from the address that the person's own browser has. */
export type DeviceRequest = {
  machine: string;
  os: string;
  address: string;
  isHere: boolean;
  userCode: string;
  createdAt: number;
  expiresAt: number;
};

const UNKNOWN =
  'No command line waits with this code. Compare it letter by letter; after ten minutes run foyer login again.';

/** Changes nothing but the count of wrong codes, which slows down guessing. */
export async function findDeviceLogin(store: Store, actor: PersonActor, typed: string): Promise<Saved<DeviceRequest>> {
  const found = await waitingOf(store, actor, typed);
  if (found.kind !== 'waiting') return found;
  const { row, code } = found;
  return {
    kind: 'saved',
    ...{ machine: row.machine, os: row.os, address: row.address, userCode: userCodeText(code) },
    isHere: row.address !== '' && addressKey(row.address) === addressKey(actor.address),
    ...{ createdAt: row.created_at, expiresAt: row.expires_at },
  };
}

/** The token is made now, with this person's right of now; its secret comes to be when the command line fetches it. */
export async function approveDeviceLogin(store: Store, actor: PersonActor, typed: string): Promise<Saved> {
  return decide(store, actor, typed, 'approved');
}

export async function refuseDeviceLogin(store: Store, actor: PersonActor, typed: string): Promise<Saved> {
  return decide(store, actor, typed, 'refused');
}

async function decide(
  store: Store,
  actor: PersonActor,
  typed: string,
  decision: 'approved' | 'refused',
): Promise<Saved> {
  const found = await waitingOf(store, actor, typed);
  if (found.kind !== 'waiting') return found;
  const { id, machine, address } = found.row;
  return write(store, actor, 'machines.write', async (w) => {
    // Of two who decide at once, one does.
    const { numUpdatedRows } = await w.trx
      .updateTable('device_logins')
      .set({ decision })
      .where('id', '=', id)
      .where('decision', 'is', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return invalid({ code: UNKNOWN });
    if (decision === 'approved') {
      const made = await makeLoginToken(w, actor, machine);
      if (made.kind !== 'saved') return made;
      await w.trx.updateTable('device_logins').set({ token_id: made.id }).where('id', '=', id).execute();
    }
    w.audit({
      ...{ action: `device-login-${decision}`, object: { kind: 'device-login', id, name: machine } },
      detail: { from: address },
    });
    return { kind: 'saved', id };
  });
}

type Row = Tables['device_logins'];
type Waiting = { kind: 'waiting'; row: Row; code: UserCode };

/** The login that this code is for, as long as nobody has decided; a wrong one is counted before anything is said. */
async function waitingOf(store: Store, actor: PersonActor, typed: string): Promise<Waiting | Invalid | Conflict> {
  const code = parseUserCode(typed);
  if (!code) return invalid({ code: 'This is no code. It has eight letters, such as WDJB-MJHT.' });
  const guessed = await guess(store, `device ${actor.userId}`, async (trx, now) =>
    trx
      .selectFrom('device_logins')
      .selectAll()
      .where('user_hash', '=', userHash(store, code))
      .where('decision', 'is', null)
      .where('expires_at', '>', now)
      .where('created_at', '<=', now + CLOCK_LEEWAY_MS)
      .executeTakeFirst(),
  );
  switch (guessed.kind) {
    case 'found':
      return { kind: 'waiting', row: guessed.found, code };
    case 'none':
      return invalid({ code: UNKNOWN });
    case 'throttled': {
      const seconds = Math.ceil(guessed.retryAfterMs / 1000);
      return conflict(`Too many codes were wrong. Wait ${seconds} seconds, then try again.`);
    }
    default:
      return guessed satisfies never;
  }
}

/** What a poll comes to, in RFC 8628 §3.5's words where it has one. */
export type DevicePoll =
  | { kind: 'token'; token: string; expiresAt: number; scopes: LiveToken['scopes'] }
  | { kind: 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant' };

/**
 * One poll of a command line. The token is handed out once: its secret is made here, and the code is worth nothing after. One whose
 * person lost the right meanwhile, or who revoked it, is refused.
 */
export async function pollDeviceLogin(store: Store, deviceCode: string): Promise<DevicePoll> {
  const now = store.now();
  return store.db.transaction().execute(async (trx): Promise<DevicePoll> => {
    const row = await trx
      .selectFrom('device_logins')
      .selectAll()
      .where('device_hash', '=', tokenHash(deviceCode))
      .executeTakeFirst();
    if (!row) return { kind: 'invalid_grant' };
    if (row.expires_at <= now || row.created_at > now + CLOCK_LEEWAY_MS) {
      await forget(trx, row);
      return { kind: 'expired_token' };
    }
    if (row.decision === null) return { kind: await paced(trx, row, now) };
    const live = row.token_id === null ? null : await liveToken(trx, { id: row.token_id }, now);
    await trx.deleteFrom('device_logins').where('id', '=', row.id).execute();
    if (row.decision === 'refused' || live === null) return { kind: 'access_denied' };
    const token = writeToken(randomBytes(TOKEN_SECRET_BYTES));
    await trx
      .updateTable('api_tokens')
      .set({ token_hash: tokenHash(token), hint: token.slice(-TOKEN_HINT_LENGTH) })
      .where('id', '=', live.id)
      .execute();
    return { kind: 'token', token, expiresAt: live.expiresAt, scopes: live.scopes };
  });
}

async function paced(trx: Transaction<Tables>, row: Row, now: number): Promise<'authorization_pending' | 'slow_down'> {
  const isEarly = row.polled_at !== null && Math.abs(now - row.polled_at) < row.interval_ms - EARLY_MS;
  const slower = Math.min(row.interval_ms + DEVICE_INTERVAL_MS, LONGEST_INTERVAL_MS);
  const after = { polled_at: now, interval_ms: isEarly ? slower : row.interval_ms };
  await trx.updateTable('device_logins').set(after).where('id', '=', row.id).execute();
  return isEarly ? 'slow_down' : 'authorization_pending';
}

/** Now and then, so that what nobody fetched does not stay until the next command line asks. */
export async function forgetOverDevices(store: Store): Promise<void> {
  await store.db.transaction().execute((trx) => forgetOver(trx, store.now()));
}

/** What nobody fetched in time goes, with the token that was made for it: nobody has its secret. */
async function forgetOver(trx: Transaction<Tables>, now: number): Promise<void> {
  const over = await trx
    .selectFrom('device_logins')
    .selectAll()
    .where((eb) => eb.or([eb('expires_at', '<=', now), eb('created_at', '>', now + CLOCK_LEEWAY_MS)]))
    .execute();
  for (const row of over) await forget(trx, row);
}

async function forget(trx: Transaction<Tables>, { id, token_id }: Row): Promise<void> {
  await trx.deleteFrom('device_logins').where('id', '=', id).execute();
  if (token_id !== null) await trx.deleteFrom('api_tokens').where('id', '=', token_id).execute();
}

/** Keyed, because 34 bits could be tried through by whoever has a copy of the store. */
function userHash({ secret }: Store, code: UserCode): string {
  return createHmac('sha256', deriveKey(secret, 'user-code/1')).update(code).digest('base64url');
}
