// Starts nginx with one of the committed configurations, in a directory of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../e2e/system/child.ts';
import { processTree } from './cpu.ts';
import { pinned } from './machine.ts';
import { fillTemplate } from './peers/template.ts';

/** `pids` are its master and its worker. */
export type Nginx = { pids(): number[]; dir: string; stop(): Promise<void> };

/** `prepare` is given the directory before nginx starts. */
export async function startNginx(
  file: string,
  core: number,
  values: Readonly<Record<string, string | number>>,
  prepare: (dir: string) => void = () => {},
): Promise<Nginx> {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-nginx-'));
  mkdirSync(join(dir, 'temp'));
  prepare(dir);
  const config = join(dir, 'nginx.conf');
  writeFileSync(config, fillTemplate(file, { dir, ...values }));
  const child = startChild(pinned(core, ['nginx', '-p', dir, '-c', config]));
  await child.line(/start worker process(es)?$|start worker process \d+/);
  return {
    pids: () => processTree(child.pid),
    dir,
    stop: async () => {
      await child.stop('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
