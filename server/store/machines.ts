// Machines: added, let in again, renamed and removed by their owners, or by whoever may write everybody's.
import { randomBytes } from 'node:crypto';
import { TOKEN_SECRET_BYTES, writeToken } from '#server/core/api-token.ts';
import { isReservedName } from '#server/core/machine.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { newId } from './id.ts';
import { addressOfNumber, freeAddress, takeAddress } from './machine-address.ts';
import { machineRow, reaches } from './machine-list.ts';
import { tokenHash } from './one-time.ts';
import { type Actor, conflict, type Invalid, invalid, NOT_FOUND, type Saved, type SavedRecord } from './saved.ts';
import { machineInput, machineNameInput } from './schema/machine.ts';
import { parseInput } from './schema/parse-input.ts';
import { readSetting } from './settings.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import { type Writing, write } from './write.ts';

/** The token is in this answer and nowhere else. */
export type AddedMachine = { id: string; name: string; address: string; token: string; updatedAt: number };

const MOST_PER_PERSON = 50;
const TOO_MANY = conflict(`You have ${MOST_PER_PERSON} machines, which is the most. Remove one that is gone first.`);
const NO_ADDRESS = conflict('Every address of the range for machines is taken. Ask an administrator for a larger one.');
const NOT_A_PERSON = conflict('A machine belongs to a person. Sign in, or use a token of somebody’s own.');

/** `input`: schema/machine.ts. The machine is whose token or session acts. */
export async function addMachine(store: Store, actor: Actor, input: unknown): Promise<Saved<AddedMachine>> {
  return write(store, actor, 'machines.write', async (w) => {
    if (actor.kind === 'system') return NOT_A_PERSON;
    const parsed = parseInput(machineInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const { name, version, os } = parsed.value;
    const refused = await refusalOf(w, name, null);
    if (refused) return refused;
    const { count } = await w.trx
      .selectFrom('machines')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('owner_user_id', '=', actor.userId)
      .executeTakeFirstOrThrow();
    if (count >= MOST_PER_PERSON) return TOO_MANY;
    const id = newId(w.now);
    const token = writeToken(randomBytes(TOKEN_SECRET_BYTES));
    await w.trx
      .insertInto('machines')
      .values({
        ...{ id, owner_user_id: actor.userId, name, name_folded: fold(name), version, os },
        ...{
          token_hash: tokenHash(token),
          login_token_id: letInBy(actor),
          last_seen_at: null,
          left_at: null,
          created_at: w.now,
          updated_at: w.now,
        },
      })
      .execute();
    const { value } = await readSetting(w.trx, 'machines');
    const address = await takeAddress(w.trx, id, value.range, w.now);
    if (address === null) return NO_ADDRESS;
    w.raise('machines');
    w.audit({ action: 'machine-added', object: { kind: 'machine', id, name }, detail: { address } });
    return { kind: 'saved', id, name, address, token, updatedAt: w.now };
  });
}

/** A new token for a machine of one's own; the one before is worth nothing from now on. Nobody gets one for another's machine. */
export async function letInAgain(store: Store, actor: Actor, id: string): Promise<Saved<AddedMachine>> {
  return write(store, actor, 'machines.write', async (w) => {
    const row = await machineRow(w.trx, id, w.now);
    if (!row || actor.kind === 'system' || row.owner_user_id !== actor.userId) return NOT_FOUND;
    const token = writeToken(randomBytes(TOKEN_SECRET_BYTES));
    const updatedAt = changedAt(row, w.now);
    await w.trx
      .updateTable('machines')
      .set({ token_hash: tokenHash(token), login_token_id: letInBy(actor), updated_at: updatedAt, last_seen_at: null })
      .where('id', '=', id)
      .execute();
    w.raise('machines');
    w.audit({ action: 'machine-let-in', object: { kind: 'machine', id, name: row.name } });
    return { kind: 'saved', id, name: row.name, address: addressOfNumber(row.number), token, updatedAt };
  });
}

export async function renameMachine(
  store: Store,
  actor: Actor,
  id: string,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'machines.write', async (w) => {
    const row = await machineRow(w.trx, id, w.now);
    if (!row || !reaches(w.right, row)) return NOT_FOUND;
    if (isStale(row, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(machineNameInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const { name } = parsed.value;
    const refused = await refusalOf(w, name, id);
    if (refused) return refused;
    const updatedAt = changedAt(row, w.now);
    await w.trx
      .updateTable('machines')
      .set({ name, name_folded: fold(name), updated_at: updatedAt })
      .where('id', '=', id)
      .execute();
    w.raise('machines');
    w.audit({ action: 'machine-renamed', object: { kind: 'machine', id, name }, detail: { before: row.name } });
    return { kind: 'saved', id, updatedAt };
  });
}

/** Its name is answered no more, and its token is worth nothing from its next request on. */
export async function removeMachine(
  store: Store,
  actor: Actor,
  id: string,
  expectedUpdatedAt?: number,
): Promise<Saved> {
  return write(store, actor, 'machines.write', async (w) => {
    const row = await machineRow(w.trx, id, w.now);
    if (!row || !reaches(w.right, row)) return NOT_FOUND;
    if (isStale(row, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    await freeAddress(w.trx, id, w.now);
    await w.trx.deleteFrom('machines').where('id', '=', id).execute();
    w.raise('machines');
    const detail = { owner: row.email, address: addressOfNumber(row.number) };
    w.audit({ action: 'machine-removed', object: { kind: 'machine', id, name: row.name }, detail });
    return { kind: 'saved', id };
  });
}

/** The token that a machine's own hangs on; null: its owner's session did it. */
function letInBy(actor: Actor): string | null {
  return actor.kind === 'token' ? actor.token.id : null;
}

/** Everybody's resolver answers by these names, so that nobody's machine may stand where programs, or people, look for something else. */
async function refusalOf({ trx }: Pick<Writing, 'trx'>, name: string, own: string | null): Promise<Invalid | null> {
  const folded = fold(name);
  if (isReservedName(name)) return invalid({ name: `Programs look for ${name} by themselves. Choose another name.` });
  const row = await trx.selectFrom('machines').select('id').where('name_folded', '=', folded).executeTakeFirst();
  if (row && row.id !== own)
    return invalid({ name: `There is a machine called ${name} already. Choose another name.` });
  const { value } = await readSetting(trx, 'machines');
  return value.records.some((record) => fold(record.name) === folded)
    ? invalid({ name: `There is a record called ${name} already. Choose another name.` })
    : null;
}
