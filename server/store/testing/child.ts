// Starts a program of this folder as a process of its own that ends with its test, and reads its lines.
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

export type Child = {
  process: ChildProcess;
  /** The next line of its output; null when it has ended. */
  line(): Promise<string | null>;
  /** `kill -9`, and every whole line that it had written by then. */
  kill(): Promise<readonly string[]>;
};

export function startChild(t: TestContext, program: string, args: readonly string[]): Child {
  const child = fork(new URL(program, import.meta.url), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const exited = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  if (!child.stdout) throw new Error('The child has no output.');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | null> => {
    const next = await lines.next();
    return next.done ? null : next.value;
  };
  return {
    process: child,
    line,
    async kill() {
      child.kill('SIGKILL');
      const rest: string[] = [];
      for (let next = await line(); next !== null; next = await line()) rest.push(next);
      await exited;
      return rest;
    },
  };
}
