// Reads one secret line: from a file, from a pipe, or from a terminal that does not show what is typed or pasted.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

export type ReadSecret = { kind: 'secret'; secret: string } | { kind: 'invalid'; sentence: string };

const SAID_AFTER_MS = 1_000;
const WAITING =
  'Waiting for the token on standard input, which is no terminal. End it after the token, name a file with --token-file, or run this in a terminal (ssh -t) to approve the login on a page.\n';

/** `prompt` is shown in a terminal alone, on stderr. */
export async function readSecret(file: string | undefined, prompt: string): Promise<ReadSecret> {
  let given: string;
  try {
    given = file === undefined ? await fromInput(prompt) : readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { kind: 'invalid', sentence: `The file ${file} cannot be read (${code}).` };
  }
  const secret = given.trim();
  return secret === '' ? { kind: 'invalid', sentence: 'No token was given.' } : { kind: 'secret', secret };
}

/** A pipe that stays open and says nothing, as one from ssh, would look like a program that hangs. */
async function fromPipe(): Promise<string> {
  const said = setTimeout(() => process.stderr.write(WAITING), SAID_AFTER_MS);
  try {
    return await text(process.stdin);
  } finally {
    clearTimeout(said);
  }
}

async function fromInput(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) return fromPipe();
  process.stderr.write(prompt);
  // In a terminal readline echoes to its output, which here takes everything and shows nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
