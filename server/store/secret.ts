// The installation's one secret: 32 bytes from the environment, from a file, or made once in the data directory.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type LoadedSecret =
  /** `made` is the file that was just created for it, else null. */
  { kind: 'secret'; secret: Buffer; made: string | null } | { kind: 'invalid'; sentence: string };

export type SecretEnvironment = Readonly<Record<string, string | undefined>>;

const BYTES = 32;
/** Fewer different bytes than this are no result of chance: such a key was made up. */
const LEAST_DISTINCT = 12;
const HOW_TO_MAKE = 'Make one with `openssl rand -base64 32`.';

export function loadSecret({ env, dataDir }: { env: SecretEnvironment; dataDir: string }): LoadedSecret {
  const { FOYER_SECRET_KEY: key, FOYER_SECRET_KEY_FILE: file } = env;
  if (key !== undefined && file !== undefined) {
    return invalid('FOYER_SECRET_KEY and FOYER_SECRET_KEY_FILE are both set. Set one of them.');
  }
  if (key !== undefined) return parse(key, 'FOYER_SECRET_KEY');
  if (file !== undefined)
    return readFrom(file, `The file of FOYER_SECRET_KEY_FILE (${file})`, 'name one that Foyer’s user may read.');
  return ownSecret(dataDir);
}

/** The data directory's own file, made when there is none. */
function ownSecret(dataDir: string): LoadedSecret {
  const file = join(dataDir, 'secret.key');
  try {
    if (!existsSync(file)) return { kind: 'secret', secret: makeSecret(dataDir, file), made: file };
    // Windows keeps no such bits.
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
      return invalid(`Others on this machine may read ${file}. Run \`chmod 600 ${file}\`.`);
    }
  } catch (error) {
    return invalid(`The secret key cannot be kept in ${file}: ${messageOf(error)}.`);
  }
  return readFrom(file, `The secret key in ${file}`, 'give it to the user that Foyer runs as.');
}

/** Written beside and linked into place, so that a crash leaves a whole key or none. */
function makeSecret(dataDir: string, file: string): Buffer {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const secret = randomBytes(BYTES);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${secret.toString('base64')}\n`, { mode: 0o600, flag: 'w', flush: true });
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft);
  }
  return secret;
}

function readFrom(file: string, what: string, mend: string): LoadedSecret {
  try {
    return parse(readFileSync(file, 'utf8'), what);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    return invalid(`${what} cannot be read (${why}): ${mend}`);
  }
}

/** 64 hexadecimal digits, or 32 bytes in base64 or base64url. */
function parse(text: string, what: string): LoadedSecret {
  const trimmed = text.trim();
  if (trimmed === '') return invalid(`${what} is empty. ${HOW_TO_MAKE}`);
  const secret = decode(trimmed);
  if (!secret) return invalid(`${what} is neither base64 nor hexadecimal. ${HOW_TO_MAKE}`);
  if (secret.length !== BYTES) return invalid(`${what} has ${secret.length} bytes and needs ${BYTES}. ${HOW_TO_MAKE}`);
  if (new Set(secret).size < LEAST_DISTINCT) return invalid(`${what} is no random key. ${HOW_TO_MAKE}`);
  return { kind: 'secret', secret, made: null };
}

function decode(text: string): Buffer | null {
  if (/^([0-9a-fA-F]{2})+$/.test(text) && text.length === BYTES * 2) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}

function invalid(sentence: string): LoadedSecret {
  return { kind: 'invalid', sentence };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
