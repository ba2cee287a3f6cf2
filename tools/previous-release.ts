// Keeps the static files of the build before this one beside the new ones: an open page still finds what it was built with (K4).
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type PreviousRelease = { putBack(): void };

/** Called before `.next` is emptied. `aside` is a folder on the same disk; what an interrupted build left there is dropped. */
export function setAsidePrevious(next: string, aside: string): PreviousRelease {
  const listFile = join(next, 'foyer-own-static.json');
  const folder = join(next, 'static');
  const own: readonly string[] = existsSync(listFile) ? JSON.parse(readFileSync(listFile, 'utf8')) : [];
  rmSync(aside, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, aside);
  return {
    putBack() {
      writeFileSync(listFile, JSON.stringify(filesIn(folder)));
      // Only what was that build's own, not what it had kept of an older one: one release back, and no further.
      for (const file of own) {
        const target = join(folder, file);
        if (existsSync(target) || !existsSync(join(aside, file))) continue;
        mkdirSync(dirname(target), { recursive: true });
        cpSync(join(aside, file), target);
      }
      rmSync(aside, { recursive: true, force: true });
    },
  };
}

function filesIn(folder: string): string[] {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
