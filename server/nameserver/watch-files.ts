// Notices that files have changed: by the system's word at once, by their dates every few seconds where that word does not come.
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export type FileWatch = {
  /**
   * From now on these are watched, beginning with what they are like at this moment: to be called before they are read, so that no change is missed.
   * A change of one that was watched before is still to be told, unless it is about to be read anyway.
   */
  use(paths: readonly string[], isRead?: (path: string) => boolean): Promise<void>;
  /** Changes since `use` are told from now on: all of them since the last time. Files that come and go are changes too. */
  start(onChange: (paths: readonly string[]) => void): void;
  stop(): void;
};

/** Network file systems and some containers give no word of a change. */
const LOOK_MS = 3_000;
/** Whoever writes a file does so in several steps. */
const SETTLE_MS = 200;

export function watchFiles(lookMs = LOOK_MS): FileWatch {
  let known: ReadonlyMap<string, string> = new Map();
  let folders: FSWatcher[] = [];
  let settling: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let onChange: ((paths: readonly string[]) => void) | null = null;

  const look = async () => {
    const before = known;
    const now = await marksOf([...before.keys()]);
    // Others are watched by now, or nobody listens; who does is told of this by the next look.
    if (before !== known || onChange === null) return;
    known = now;
    const changed = [...now].filter(([path, mark]) => before.get(path) !== mark).map(([path]) => path);
    if (changed.length > 0) onChange(changed);
  };

  const lookSoon = () => {
    clearTimeout(settling);
    settling = setTimeout(() => void look(), SETTLE_MS);
  };

  const closeFolders = () => {
    for (const folder of folders) folder.close();
    folders = [];
  };

  return {
    async use(paths, isRead = () => false) {
      closeFolders();
      folders = [...new Set(paths.map(dirname))].flatMap((folder) => watchFolder(folder, lookSoon) ?? []);
      const now = await marksOf(paths);
      const markFor = (path: string, mark: string) => (isRead(path) ? mark : (known.get(path) ?? mark));
      known = new Map([...now].map(([path, mark]) => [path, markFor(path, mark)]));
    },
    start(tell) {
      onChange = tell;
      looking = setInterval(() => void look(), lookMs);
      lookSoon();
    },
    stop() {
      onChange = null;
      clearInterval(looking);
      clearTimeout(settling);
      closeFolders();
    },
  };
}

/** The folder, not the file: editors put a new file in the old one's place. Null where it cannot be watched, and dates have to do. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

async function marksOf(paths: readonly string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await markOf(path)] as const)));
}

/** What changes when a file does. One that cannot be looked at is as good as none. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'none';
  }
}
