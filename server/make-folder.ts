// Makes a folder for one user alone, and those above it that are missing.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Reports whether it was not there. One after the other: where all are asked for at once below /proc, Node tries for ever. */
export function makeFolder(folder: string): boolean {
  if (isFolder(folder)) return false;
  const above = dirname(folder);
  if (!statSync(above, { throwIfNoEntry: false })) makeFolder(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    // Somebody else may have made it in the meantime.
    if (isFolder(folder)) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
