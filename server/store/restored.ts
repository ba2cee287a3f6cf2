// Ends what an older copy of the store would bring back to life: sessions that were ended, codes and links that were used.
import type { Kysely } from 'kysely';
import { insertAudit } from './audit.ts';
import { makeEpoch, type Remembered, readEpoch } from './epoch.ts';
import { raise, readRevision } from './feed.ts';
import type { Tables } from './tables.ts';

/** What an operator has to hear when a store is not the one that was left. */
export const RESTORED =
  'The store is an older copy, or was moved: every session, code, link and API token of it has ended. People, groups and apps are as they were in the copy: switch off again whoever was switched off since.';

/**
 * Compares the store with what its file remembers; the supervisor alone asks, before any child starts. True when everything
 * ended, which is in the audit as an alarm too.
 */
export async function settleEpoch(db: Kysely<Tables>, file: string, now: number): Promise<boolean> {
  const remembered = readEpoch(file);
  const revision = await readRevision(db);
  if (remembered.kind === 'kept' && remembered.highest <= revision) return false;
  await endRestored(db, remembered, now);
  makeEpoch(file, await readRevision(db));
  return true;
}

/** For a store that is in use: ends everything when the store is behind what was acknowledged; false when it is not. */
export async function endOlderCopy(db: Kysely<Tables>, highest: number, now: number): Promise<boolean> {
  return endRestored(db, { kind: 'kept', highest }, now);
}

async function endRestored(db: Kysely<Tables>, remembered: Remembered, now: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const revision = await readRevision(trx);
    // Of two processes that notice, one does it.
    if (remembered.kind === 'kept' && revision >= remembered.highest) return false;
    const { numDeletedRows } = await trx.deleteFrom('sessions').executeTakeFirstOrThrow();
    await trx.deleteFrom('codes').execute();
    await trx.deleteFrom('setup_links').execute();
    // One that was revoked since would work again.
    await trx.deleteFrom('api_tokens').execute();
    await trx.updateTable('machines').set({ token_hash: null }).execute();
    // Higher than anything that a process may have seen, so that each hears of everything.
    await trx
      .updateTable('revision')
      .set({ value: Math.max(revision, remembered.highest) })
      .execute();
    await raise(trx, [
      { kind: 'catalogue', id: null },
      { kind: 'people', id: null },
    ]);
    const detail = {
      sessions: Number(numDeletedRows),
      revision,
      remembered: remembered.highest,
      file: remembered.kind,
    };
    const event = {
      at: now,
      action: 'store-restored' as const,
      actor: null,
      object: null,
      supportId: null,
      address: null,
      detail,
    };
    await insertAudit(trx, [{ ...event, level: 'alarm', outcome: 'done', reason: 'older-copy' }]);
    return true;
  });
}
