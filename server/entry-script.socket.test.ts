// The promises of bin/: an old Node finds a new one, and the process that it becomes gets every signal, gives its exit code, and is never left behind.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { descendants, gone, ROOT, startProgram, temporaryFolder } from './testing/program.ts';

const ECHO = join(ROOT, 'server/testing/echo-arguments.ts');

/** Every Node of this machine, the newest and the oldest: each has to lead to the same place. */
const nodes = [...new Set([process.execPath, ...systemNodes()])];

for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

  test(`from Node ${version}: TypeScript runs in the newest Node, with its arguments and its exit code`, async (t) => {
    const program = startProgram(t, { node, args: ['bin/run.js', ECHO, 'exit', '5', 'two words'] });
    const said = JSON.parse(await program.until((line) => line.startsWith('{')));
    assert.ok(Number(/^v(\d+)/.exec(said.version)?.[1]) >= 24, said.version);
    assert.deepEqual(said.args, ['5', 'two words']);
    assert.deepEqual(await program.ended(), { code: 5, signal: null });
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    test(`from Node ${version}: ${signal} reaches the program, and its own exit code comes back`, async (t) => {
      const program = startProgram(t, { node, args: ['bin/run.js', ECHO, 'wait'] });
      await program.until((line) => line.startsWith('{'));
      program.process.kill(signal);
      await program.until((line) => line === signal);
      assert.deepEqual(await program.ended(), { code: 7, signal: null });
    });

  test(`from Node ${version}: killing the first process leaves none behind`, async (t) => {
    const program = startProgram(t, { node, args: ['bin/run.js', ECHO, 'wait'] });
    await program.until((line) => line.startsWith('{'));
    const left = descendants(program.process.pid ?? 0);
    program.process.kill('SIGKILL');
    await Promise.all(left.map(gone));
  });

  test(`from Node ${version}: under npm, the end of npm’s shell is the end of the program`, async (t) => {
    // As `npm run` does it: a shell in between, which does not pass its signals on.
    const script = `"${node}" bin/run.js "${ECHO}" wait; :`;
    const shell = startProgram(t, { node: '/bin/sh', args: ['-c', script], env: { npm_lifecycle_event: 'demo' } });
    await shell.until((line) => line.startsWith('{'));
    const left = descendants(shell.process.pid ?? 0);
    shell.process.kill('SIGTERM');
    await Promise.all(left.map(gone));
  });

  test(`from Node ${version}: the foyer command says its version from any directory`, async (t) => {
    const args = [join(ROOT, 'bin/foyer.js'), '--version'];
    const program = startProgram(t, { node, args, cwd: temporaryFolder(t) });
    assert.match(await program.until((line) => line !== ''), /^\d+\.\d+\.\d+$/);
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
  });
}

function systemNodes(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders.flatMap((folder) => {
    try {
      return [realpathSync(join(folder, 'node'))];
    } catch {
      return [];
    }
  });
}
