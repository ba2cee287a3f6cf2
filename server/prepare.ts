// What happens to the data directory before any child starts: made, locked, its secret read or made, its store brought up to date.
import type { Config, Environment } from './config.ts';
import { makeFolder } from './make-folder.ts';
import { migrateStore, openStore, type Store } from './store/handle.ts';
import { lockDataDir } from './store/lock.ts';
import { RESTORED } from './store/restored.ts';
import { loadSecret } from './store/secret.ts';
import { createAdminLink } from './store/setup-links.ts';
import { foreignSecret } from './store/signing-keys.ts';
import { hasAdmin } from './store/users.ts';

/** `release` gives the lock back; it is held as long as this process lives otherwise. */
export type Prepared =
  | {
      kind: 'prepared';
      secret: Buffer;
      madeSecretFile: string | null;
      /** What the operator has to hear of a store that was put back; null of one that is as it was left. */
      restored: string | null;
      release(): void;
    }
  | { kind: 'refused'; sentence: string };

export async function prepare(config: Config, env: Environment): Promise<Prepared> {
  const made = makeDataDir(config.dataDir);
  if (made) return { kind: 'refused', sentence: made };
  const lock = lockDataDir(config.dataDir);
  if (lock.kind === 'refused') return lock;
  const loaded = loadSecret({ env, dataDir: config.dataDir });
  if (loaded.kind === 'invalid') {
    lock.release();
    return { kind: 'refused', sentence: loaded.sentence };
  }
  try {
    const restored = (await migrateStore({ dataDir: config.dataDir, now: Date.now })) ? RESTORED : null;
    const foreign = await withStore(config, loaded.secret, foreignSecret);
    if (foreign !== null) {
      lock.release();
      return { kind: 'refused', sentence: foreign };
    }
    return { kind: 'prepared', secret: loaded.secret, madeSecretFile: loaded.made, restored, release: lock.release };
  } catch (error) {
    lock.release();
    return { kind: 'refused', sentence: error instanceof Error ? error.message : String(error) };
  }
}

/** Opens the store for a moment, for one piece of work of a program that serves nothing. */
export async function withStore<T>(config: Config, secret: Buffer, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ dataDir: config.dataDir, secret, now: Date.now, portal: config.portal });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The address that makes or restores an administrator, once and within an hour. */
export async function adminLink(store: Store): Promise<string> {
  return `${store.portal.origin}/setup?token=${encodeURIComponent(await createAdminLink(store))}`;
}

/** A link for the first administrator, or null when there is one. */
export async function firstAdminLink(store: Store): Promise<string | null> {
  return (await hasAdmin(store)) ? null : adminLink(store);
}

/** Returns a sentence when the directory cannot be had. Sessions, hashes and keys live there: nobody else may read it. */
function makeDataDir(dataDir: string): string | null {
  try {
    makeFolder(dataDir);
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return `The data directory ${dataDir} cannot be made (${code}): make it for this user, or name another one in FOYER_DATA_DIR.`;
  }
}
