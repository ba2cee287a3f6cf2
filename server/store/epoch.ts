// What is remembered of the store in a file beside it: an older copy that is put back is noticed, and revives no session.
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** `highest` is the greatest revision that was ever acknowledged, as far as the file says. */
export type Remembered =
  | { kind: 'kept'; highest: number }
  | { kind: 'missing'; highest: 0 }
  /** Copied, as a restored directory is, or written by somebody else. */
  | { kind: 'foreign'; highest: number };

// The first line says when the file itself was born, in nanoseconds: a copy of it is born at another time, and no program can
// set that. Zeros where the file system does not know. Then a ring of revisions: each has a place of its own, so that two
// processes that write at once do not undo each other.
const FORM = /^foyer-epoch 1 ([0-9]{20})\n((?:[0-9]{16}\n){64})$/;
const FIRST_LINE_BYTES = 35;
const PLACE_BYTES = 17;
const PLACES = 64;
const UNKNOWN_BIRTH = '0'.repeat(20);

export function epochFile(dataDir: string): string {
  return join(dataDir, 'foyer.epoch');
}

/** Throws where the file is there and cannot be read. */
export function readEpoch(file: string): Remembered {
  const text = readIfThere(file);
  if (text === null) return { kind: 'missing', highest: 0 };
  const [, born, places = ''] = FORM.exec(text) ?? [];
  const highest = places.split('\n').reduce((most, place) => Math.max(most, Number(place)), 0);
  const bornNow = birthOf(statSync(file, { bigint: true }));
  const isOurs = born !== undefined && (born === bornNow || born === UNKNOWN_BIRTH || bornNow === UNKNOWN_BIRTH);
  return { kind: isOurs ? 'kept' : 'foreign', highest };
}

/** Written beside and renamed into place, which leaves its birth as it is. */
export function makeEpoch(file: string, revision: number): void {
  const draft = `${file}.${process.pid}`;
  const fd = openSync(draft, 'w', 0o600);
  try {
    const places = Array.from({ length: PLACES }, (_, place) => line(place === placeOf(revision) ? revision : 0));
    writeSync(fd, `foyer-epoch 1 ${birthOf(fstatSync(fd, { bigint: true }))}\n${places.join('')}`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
}

/** Durable when it resolves. The file is there already: who has none must not look as if nothing had been lost. */
export async function rememberRevision(file: string, revision: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(line(revision), FIRST_LINE_BYTES + PLACE_BYTES * placeOf(revision), 'latin1');
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function placeOf(revision: number): number {
  return revision % PLACES;
}

function line(revision: number): string {
  return `${String(revision).padStart(PLACE_BYTES - 1, '0')}\n`;
}

function birthOf({ birthtimeNs }: { birthtimeNs: bigint }): string {
  return String(birthtimeNs > 0n ? birthtimeNs : 0n).padStart(20, '0');
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
