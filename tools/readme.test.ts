// README.md is true where a machine can tell: its commands, files, folders and settings exist. Running them is what e2e/ does.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LIMITS } from '#server/http/limits.ts';
import { readSourceFiles } from './source-file.ts';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const MANIFEST: { scripts: Record<string, string>; engines: { node: string } } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const NPM_ITSELF = new Set(['ci']);

/** Every command in a block of shell, and every `npm …` or `node bin/…` inside a sentence. */
function commandsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^ *```sh\n([\s\S]*?)```/gm)].flatMap(([, body = '']) =>
    body.trim().split('\n'),
  );
  const spans = [...markdown.matchAll(/`((?:npm|node) [^`]+)`/g)].map(([, command = '']) => command);
  return [...blocks, ...spans].map((command) => command.trim());
}

function problemWith(command: string): string | null {
  const [program, verb = '', name = ''] = command.split(/\s+/);
  if (program === 'node') return existsSync(join(ROOT, verb)) ? null : `there is no ${verb}`;
  if (program !== 'npm') return 'README runs npm and node only';
  if (NPM_ITSELF.has(verb)) return null;
  const script = verb === 'run' ? name : verb;
  const entry = MANIFEST.scripts[script];
  if (entry === undefined) return `there is no script “${script}”`;
  const missing = entry.split(' ').find((part) => /\.(js|ts)$/.test(part) && !existsSync(join(ROOT, part)));
  return missing === undefined ? null : `the script “${script}” needs ${missing}`;
}

test('every command of README.md exists', () => {
  const commands = commandsOf(README);
  assert.ok(commands.includes('npm run demo') && commands.includes('npm test'), 'the two commands stand in README.md');
  const problems = commands.flatMap((command) => problemWith(command) ?? []);
  assert.deepEqual(problems, []);
});

test('the check of commands notices what is missing', () => {
  assert.deepEqual(commandsOf('```sh\nnpm run nothing\n```\nor `node bin/nothing.js`'), [
    'npm run nothing',
    'node bin/nothing.js',
  ]);
  assert.match(problemWith('npm run nothing') ?? '', /no script “nothing”/);
  assert.match(problemWith('node bin/nothing.js') ?? '', /there is no bin\/nothing\.js/);
});

test('every file and folder that README.md names exists', () => {
  const named = [...README.matchAll(/`((?:bin|app|server|demo|tools|e2e|bench|docs)\/[\w./*-]*)`/g)].map(
    ([, path = '']) => path,
  );
  assert.ok(named.length > 10);
  const missing = named.filter((path) => !existsSync(join(ROOT, path.replace(/\*.*$/, ''))));
  assert.deepEqual(missing, []);
});

test('README.md has a line for every room', () => {
  const rooms = readdirSync(join(ROOT, 'server'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const missing = rooms.filter(({ name }) => !README.includes(`| \`server/${name}/\` |`));
  assert.deepEqual(missing, []);
});

test('README.md explains every setting that the code reads, and no other', () => {
  const settings = (text: string) => [...new Set(text.match(/\bFOYER_[A-Z_]+\b/g) ?? [])].sort();
  const config = readSourceFiles(ROOT).find((file) => file.path === 'server/config.ts');
  const variables = /const VARIABLES = \[([\s\S]*?)\]/.exec(config?.text ?? '')?.[1] ?? '';
  const table = README.split('\n').filter((line) => /^\s*\| `FOYER_/.test(line));
  assert.deepEqual(settings(table.join('\n')), settings(variables));
});

test('README.md gives systemd the time that a stop takes', () => {
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(README)?.[1]);
  assert.equal(seconds, (LIMITS.drainDelayMs.value + LIMITS.drainMs.value) / 1_000 + 10);
});

test('README.md names the oldest Node that package.json allows', () => {
  assert.ok(README.includes(`Node ${MANIFEST.engines.node.replace('>=', '')}`), MANIFEST.engines.node);
});

test('every decision is numbered, and tells its context, choice and cost', () => {
  const folder = join(ROOT, 'docs/decisions');
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.ok(text.startsWith(`# ${file.slice(0, 4)}: `), `${file} opens with its number and title`);
    for (const part of ['Context', 'Choice', 'Cost'])
      assert.ok(text.includes(`**${part}.**`), `${file} tells its ${part}`);
  }
});
