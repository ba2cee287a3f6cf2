// Runs a test file again on a disk of its own: a file system in memory that only its process sees and may fill, or mount for reading.
import { spawnSync } from 'node:child_process';

/** The folder of the small disk, in the process that has one. */
export const SMALL_DISK = process.env.SMALL_DISK ?? null;

/** Throws what the file printed when one of its tests fails there. `size` is as mount(8) has it. */
export function runOnSmallDisk(file: string, { folder, size }: { folder: string; size: string }): void {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const mount = `mount -t tmpfs -o size=${size},mode=0700 none ${folder} && exec "$@"`;
  const { NODE_TEST_CONTEXT: _outer, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [...user, '--mount', 'sh', '-c', mount, 'sh', process.execPath, '--test-reporter=spec', file],
    { encoding: 'utf8', env: { ...env, SMALL_DISK: folder }, timeout: 100_000 },
  );
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
}
