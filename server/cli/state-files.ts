// What the command keeps between two runs: one folder of one person, its files readable by nobody else.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../config.ts';
import { type Address, parseAddress } from '../core/address.ts';
import type { NamesDocument } from '../core/names-document.ts';
import { makeFolder } from '../make-folder.ts';
import type { PortalAddress } from './portal-client.ts';

/** The portal, and the person's token for it. `zone` is the organisation's; `caFile` an absolute path. */
export type Login = {
  portal: string;
  token: string;
  email: string;
  zone: string;
  expiresAt: number;
  caFile: string | null;
};

/** This machine as the portal knows it, and its own token; `letInBy` is `loginMark` of the login that it hangs on, '' for one that nobody knows. */
export type OwnMachine = { portal: string; id: string; name: string; address: string; token: string; letInBy: string };

const login = z.object({
  ...{ portal: z.string().min(1), token: z.string().min(1), email: z.string(), zone: z.string().min(1) },
  ...{ expiresAt: z.number(), caFile: z.string().nullable() },
});
const machine = z.object({
  ...{ portal: z.string(), id: z.string(), name: z.string(), address: z.string(), token: z.string() },
  letInBy: z.string().default(''),
});
const reached = z.object({ portal: z.string(), address: z.string() });
const address = z.string().transform((text) => text as Address);
const named = z.array(z.object({ name: z.string(), address }));
export const namesSchema: z.ZodType<NamesDocument> = z.object({
  ...{ version: z.string(), zone: z.string().min(1), search: z.array(z.string()), ttlSeconds: z.int().min(0) },
  ...{ machines: named, records: named },
  ...{ apps: z.array(z.string()).optional(), gateway: z.string().optional() },
});

/** `--state-dir`, or `foyer` where programs keep what is one person's. */
export function stateDir(given: string | undefined, env: Environment): string {
  return resolve(given ?? join(env.XDG_CONFIG_HOME?.trim() || join(homedir(), '.config'), 'foyer'));
}

/** Throws a sentence where the folder, or a file in it, cannot be used. */
export function inStateDir<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? cause.code : String(cause);
    throw new Error(
      `The folder ${dir} cannot be used (${why}): give it to your user, or name another with --state-dir.`,
      { cause },
    );
  }
}

export const readLogin = (dir: string): Login | null => inStateDir(dir, () => read(dir, 'login.json', login));
export const saveLogin = (dir: string, value: Login): void => inStateDir(dir, () => save(dir, 'login.json', value));
export const forgetLogin = (dir: string): void => forget(dir, 'login.json');

/** Tells two logins apart, and says nothing of their tokens. */
export function loginMark({ token }: Pick<Login, 'token'>): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}

export const readMachine = (dir: string): OwnMachine | null =>
  inStateDir(dir, () => read(dir, 'machine.json', machine));
export const saveMachine = (dir: string, value: OwnMachine): void =>
  inStateDir(dir, () => save(dir, 'machine.json', value));
export const forgetMachine = (dir: string): void => forget(dir, 'machine.json');

/** The last list that was heard: what a resolver begins with while the portal cannot be reached. */
export const readNames = (dir: string): NamesDocument | null =>
  inStateDir(dir, () => read(dir, 'names.json', namesSchema));
export const saveNames = (dir: string, value: NamesDocument): void =>
  inStateDir(dir, () => save(dir, 'names.json', value));
export const forgetNames = (dir: string): void => forget(dir, 'names.json');

/** The same in a file of another name. */
export const readNamesFile = (path: string): NamesDocument | null => read(dirname(path), basename(path), namesSchema);
export const saveNamesFile = (path: string, value: NamesDocument): void => save(dirname(path), basename(path), value);

/** Where one portal was reached last. What cannot be kept is said once, and keeps nobody from being answered now. */
export function portalAddress(dir: string, portal: string): PortalAddress {
  let said = '';
  const say = (what: string, error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const sentence = `The portal’s address could not be ${what} ${dir}: ${why}.\n`;
    if (sentence !== said) process.stderr.write(sentence);
    said = sentence;
  };
  return {
    read() {
      try {
        const kept = read(dir, 'portal.json', reached);
        return kept?.portal === portal ? parseAddress(kept.address) : null;
      } catch (error) {
        say('read from', error);
        return null;
      }
    },
    save(address) {
      try {
        save(dir, 'portal.json', { portal, address });
      } catch (error) {
        say('kept in', error);
      }
    },
  };
}
export const forgetPortalAddress = (dir: string): void => forget(dir, 'portal.json');

/** Null where there is no such file, or none that this version understands. */
function read<T>(dir: string, name: string, schema: z.ZodType<T>): T | null {
  let text: string;
  try {
    text = readFileSync(join(dir, name), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Whole or not at all, and never readable by others, not even for a moment. */
function save(dir: string, name: string, value: object): void {
  makeFolder(dir);
  const path = join(dir, name);
  const half = `${path}.${process.pid}`;
  rmSync(half, { force: true });
  // A file of our own making: nothing that somebody else put there is written to.
  writeFileSync(half, `${JSON.stringify(value)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(half, path);
}

function forget(dir: string, name: string): void {
  inStateDir(dir, () => rmSync(join(dir, name), { force: true }));
}
