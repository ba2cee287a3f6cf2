// Hashes passwords with argon2id and compares them, a bounded number at a time.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const hashOf = promisify(argon2);

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** The PHC string of a password: algorithm, cost, salt and hash in one line. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await inTurn(() => derive(password, salt, COST, TAG_BYTES));
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Does the same work whether or not there is a hash to compare with: null is compared with one that nothing matches. */
export async function isPassword(password: string, phc: string | null): Promise<boolean> {
  const stored = phc === null ? null : parsePhc(phc);
  const { cost, salt, tag } = stored ?? NOBODY;
  const given = await inTurn(() => derive(password, salt, cost, tag.length));
  return timingSafeEqual(given, tag) && stored !== null;
}

type Stored = { cost: typeof COST; salt: Buffer; tag: Buffer };

const NOBODY: Stored = { cost: COST, salt: Buffer.alloc(SALT_BYTES), tag: Buffer.alloc(TAG_BYTES) };

function parsePhc(phc: string): Stored | null {
  const [, m, t, p, salt, tag] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc) ?? [];
  if (!salt || !tag) return null;
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  const stored = { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
  return isSane(stored) ? stored : null;
}

/** Reports whether argon2 takes these (RFC 9106 §3.1), at a cost that a sign-in may have: a damaged row is no password. */
function isSane({ cost: { memory, passes, parallelism }, salt, tag }: Stored): boolean {
  const isBounded = parallelism >= 1 && parallelism <= 16 && passes >= 1 && passes <= 16 && memory <= 262_144;
  return isBounded && memory >= 8 * parallelism && salt.length >= 8 && tag.length >= 16 && tag.length <= 64;
}

/** NFKC, so that a password typed on another keyboard is the same one (NIST SP 800-63B §5.1.1.2). */
function derive(password: string, nonce: Buffer, cost: typeof COST, tagLength: number): Promise<Buffer> {
  return hashOf('argon2id', { message: password.normalize('NFKC'), nonce, ...cost, tagLength });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Two at a time: the threads of the pool also read files and resolve names. */
const AT_ONCE = 2;
const MAX_WAITING = 64;
let running = 0;
const waiting: (() => void)[] = [];

/** Reports whether so many are waiting that another one should come back later. */
export function passwordQueueIsFull(): boolean {
  return waiting.length >= MAX_WAITING;
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
