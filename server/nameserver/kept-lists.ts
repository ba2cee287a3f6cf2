// Copies of the lists that were good, for a start whose list is not.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from '#server/log.ts';

export type KeptLists = {
  /** The list that was read just now and was good; `mark` is its content's. What fails is said and harms nobody. */
  keep(list: string, mark: string): Promise<void>;
  /** `keptAt` in epoch milliseconds: when that content was read last. Null where there is none. */
  copyOf(list: string): { path: string; keptAt: number } | null;
  /** Copies of other lists are removed. */
  keepOnly(lists: readonly string[]): void;
};

/** `dir` is the program's own; what is in its folder `lists` is nobody else's. */
export function keptLists(dir: string, log: Logger): KeptLists {
  const folder = join(dir, 'lists');
  const nameOf = (list: string) => `${createHash('sha256').update(list, 'utf8').digest('hex')}.txt`;
  return {
    async keep(list, mark) {
      const path = join(folder, nameOf(list));
      const half = `${path}.${process.pid}`;
      try {
        makeFolder(folder);
        await copyFile(list, half);
        // The list may have changed since it was read: then it is read again, and kept then.
        if ((await markOf(half)) === mark) await rename(half, path);
        else await rm(half);
      } catch (error) {
        log.warn({ err: error, list: basename(list) }, 'a list of domains could not be kept for the next start');
        await rm(half, { force: true }).catch(() => {});
      }
    },
    copyOf(list) {
      const path = join(folder, nameOf(list));
      try {
        return { path, keptAt: statSync(path).mtimeMs };
      } catch (error) {
        if (!isAbsent(error))
          log.warn({ err: error, list: basename(list) }, 'the copy of a list of domains cannot be used');
        return null;
      }
    },
    keepOnly(lists) {
      const names = new Set(lists.map(nameOf));
      try {
        for (const name of readdirSync(folder)) if (!names.has(name)) rmSync(join(folder, name), { force: true });
      } catch (error) {
        if (!isAbsent(error))
          log.warn({ err: error }, 'copies of lists that nobody names any more could not be removed');
      }
    },
  };
}

export type ContentMark = { push(chunk: Uint8Array): void; end(): string };

/** Tells two contents apart, by their size and hash. */
export function contentMark(): ContentMark {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    push(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
    },
    end: () => `${bytes} ${hash.digest('base64url')}`,
  };
}

async function markOf(path: string): Promise<string> {
  const mark = contentMark();
  for await (const chunk of createReadStream(path)) mark.push(chunk);
  return mark.end();
}

/** Never `dir` itself, which may be about to be made by whoever it belongs to. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
