// Runs one command of the tools, timed, with its output passed through or kept.
import { spawn } from 'node:child_process';

/** How a command ended: `code` is never null, a signal counts as 1. `output` is empty when it was passed through. */
export type StepResult = { code: number; durationMs: number; output: string };
export type Step = { command: string; args: readonly string[]; env?: Record<string, string>; show?: boolean };

export function runStep({ command, args, env = {}, show = false }: Step): Promise<StepResult> {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    const end = (code: number | null, more = '') =>
      resolve({ code: code ?? 1, durationMs: performance.now() - startedAt, output: output + more });
    child.once('error', (error) => end(1, `${command} does not start: ${error.message}\n`));
    child.once('close', (code) => end(code));
  });
}

export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
