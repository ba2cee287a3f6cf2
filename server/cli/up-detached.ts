// `foyer up --detach`: the same command in a process of its own, watched until it is up or has said why not.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Environment } from '../config.ts';
import { makeFolder } from '../make-folder.ts';
import { askUp } from './control.ts';
import { inStateDir, stateDir } from './state-files.ts';
import type { UpOptions } from './up.ts';

const LOOK_EVERY_MS = 100;
const LONGEST_MS = 30_000;

export async function upDetached(options: UpOptions, env: Environment): Promise<readonly string[]> {
  const dir = stateDir(options.stateDir, env);
  const running = await askUp(dir);
  if (running) return [`foyer up runs here already (process ${running.pid}). Run 'foyer down' first.`];
  const logFile = join(dir, 'up.log');
  const log = inStateDir(dir, () => {
    makeFolder(dir);
    return openSync(logFile, 'w', 0o600);
  });
  const args = [...process.execArgv, ...process.argv.slice(1).filter((arg) => arg !== '--detach')];
  // It is not to end with the shell of `npm run` or `npx`, which this command may be of (bin/runtime.js).
  const childEnv = { ...process.env, npm_lifecycle_event: undefined };
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log], env: childEnv });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  for (let waited = 0; waited < LONGEST_MS && !ended; waited += LOOK_EVERY_MS) {
    const up = await askUp(dir);
    if (up !== null && up.listen !== '' && (up.heardAt !== null || up.problem !== null)) {
      child.unref();
      process.stdout.write(`${up.name} (${up.address}) is up in the background, and answers DNS at ${up.listen}.\n`);
      return [];
    }
    await wait(LOOK_EVERY_MS);
  }
  if (!ended) child.kill('SIGTERM');
  return [readFileSync(logFile, 'utf8').trim() || `foyer up did not start. See ${logFile}.`];
}
