// Makes sure that the portal's pages are built from the sources that are here; the tool that knows how decides whether there is work.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const TOOL = join(import.meta.dirname, '../../tools/build.ts');
const BUILT = join(import.meta.dirname, '../../.next/BUILD_ID');

/** Returns a sentence when the pages are missing and cannot be built; the tool has said why on stderr. */
export function buildPortal(): string | null {
  if (!existsSync(TOOL))
    return existsSync(BUILT) ? null : 'The portal’s pages are missing from this installation: install it again.';
  const { status } = spawnSync(process.execPath, [TOOL], { stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0 ? null : 'Foyer cannot start without the portal’s pages.';
}
