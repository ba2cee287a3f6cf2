// Checks the shape of the house: which room may import which, what a file may be called, and that it says what it is for.
//
//   core ◄ store ◄ app            core ◄ http, dns, tunnel, certs, picture ◄ demo ◄ server/*.ts
//
// `demo` is the sample network in demo/. The programs are server/*.ts and every folder of server/ that is not named here.
// A test (`*.test.ts`, `*.testing.ts`, and everything in e2e/ and bench/) wires parts together as a program does: it may import
// every room. Nothing but a test imports a test.
import { posix } from 'node:path';
import type { SourceFile } from './source-file.ts';

/** One broken rule, in words that say what to do. */
export type Violation = { path: string; line: number; sentence: string };

const ROOMS = ['http', 'dns', 'tunnel', 'certs', 'picture'] as const;
type Room = 'core' | 'store' | (typeof ROOMS)[number] | 'programs' | 'app' | 'demo' | 'bin' | 'tools' | 'tests';

const EVERYTHING: readonly Room[] = ['core', 'store', ...ROOMS, 'programs', 'app', 'demo', 'bin', 'tools', 'tests'];
const MAY_IMPORT: Record<Room, readonly Room[]> = {
  core: [],
  store: ['core'],
  http: ['core'],
  dns: ['core'],
  tunnel: ['core'],
  certs: ['core'],
  picture: ['core'],
  app: ['core', 'store'],
  programs: ['core', 'store', ...ROOMS, 'demo'],
  demo: ['core', ...ROOMS],
  bin: ['programs'],
  tools: ['core'],
  tests: EVERYTHING,
};

/** What only one room may know; a package not listed is free for all but core. */
const PACKAGE_OWNERS: { matches: RegExp; rooms: readonly Room[]; reason: string }[] = [
  { matches: /^(kysely|pg|node:sqlite)(\/|$)/, rooms: ['store'], reason: 'only server/store knows the database' },
  {
    matches: /^(next|next-auth|react|react-dom)(\/|$)/,
    rooms: ['app', 'programs'],
    reason: 'only the portal is a web page',
  },
];
const CORE_PACKAGES = new Set(['node:crypto', 'node:net', 'node:url', 'node:buffer', 'zod']);
const IMPURE = /\b(Date\.now\(|new Date\(\)|Math\.random\(|randomBytes\(|randomUUID\(|performance\.now\(|process\.)/;
const BANNED_NAME = /^(index|(.*-)?(utils?|helpers?|common|managers?|services?|misc))$/;
const SILENCED = /@ts-(ignore|expect-error|nocheck)|biome-ignore[^\n]*noExplicitAny/;

export function findViolations(files: readonly SourceFile[]): Violation[] {
  const known = new Set(files.map((file) => file.path));
  return files.flatMap((file) => [
    ...checkName(file),
    ...checkOpening(file),
    ...checkText(file),
    ...checkImports(file, known),
  ]);
}

function checkName({ path }: SourceFile): Violation[] {
  const stem = posix.basename(path).replace(/(\.(test|testing|socket|spec|config))*\.\w+$/, '');
  if (!BANNED_NAME.test(stem)) return [];
  return [{ path, line: 1, sentence: `“${stem}” says nothing: name the file after its main export` }];
}

function checkOpening({ path, text }: SourceFile): Violation[] {
  const mustOpen = /^(server|tools|demo|bin|bench)\//.test(path) || /^e2e\/.*\.ts$/.test(path);
  const opening = text.startsWith('#!') ? text.slice(text.indexOf('\n') + 1) : text;
  if (!mustOpen || /^\/[/*]/.test(opening)) return [];
  return [{ path, line: 1, sentence: 'the file does not open with a sentence on its job' }];
}

function checkText({ path, text }: SourceFile): Violation[] {
  const pure = roomOf(path) === 'core';
  return text.split('\n').flatMap((source, index) => {
    const found: Violation[] = [];
    const line = index + 1;
    if (SILENCED.test(source) && !path.startsWith('tools/arrows')) {
      found.push({ path, line, sentence: 'the type checker is silenced: give the value its type' });
    }
    if (pure && IMPURE.test(source) && !/^\s*(\/\/|\*|\/\*)/.test(source)) {
      found.push({ path, line, sentence: 'core has no clock, no randomness and no process: take it as an argument' });
    }
    return found;
  });
}

function checkImports(file: SourceFile, known: ReadonlySet<string>): Violation[] {
  const from = roomOf(file.path);
  if (from === null) return [];
  return importsOf(file.text).flatMap(({ specifier, line }) => {
    const sentence = refusal(file.path, from, specifier, known);
    return sentence === null ? [] : [{ path: file.path, line, sentence }];
  });
}

function refusal(path: string, from: Room, specifier: string, known: ReadonlySet<string>): string | null {
  const target = localTarget(path, specifier);
  if (target === null) return packageRefusal(from, specifier);
  const to = roomOf(target);
  if (to === null || !/\.(ts|tsx|js|mjs|css|json)$/.test(target)) {
    return known.has(`${target}.ts`) || known.has(`${target}.tsx`) ? `“${specifier}” needs its file extension` : null;
  }
  if (to === 'tests' && from !== 'tests') return `only a test imports the test file ${target}`;
  if (from === to || MAY_IMPORT[from].includes(to)) return null;
  return `${from} may not import ${to} (${target})`;
}

function packageRefusal(from: Room, specifier: string): string | null {
  if (from === 'tests') return null;
  if (from === 'core' && !CORE_PACKAGES.has(specifier)) return `core may not import “${specifier}”: it does no IO`;
  const owner = PACKAGE_OWNERS.find((entry) => entry.matches.test(specifier));
  if (owner === undefined || owner.rooms.includes(from)) return null;
  return `${from} may not import “${specifier}”: ${owner.reason}`;
}

/** The path that a specifier means inside the repository, or null for a package. */
function localTarget(path: string, specifier: string): string | null {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  return null;
}

function roomOf(path: string): Room | null {
  if (/\.(test|testing|spec)\.tsx?$/.test(path) || /^(e2e|bench)\//.test(path) || /^\w+(\/\w+)*\/testing\//.test(path))
    return 'tests';
  const [top = '', second = '', ...rest] = path.split('/');
  if (top === 'app' || top === 'demo' || top === 'bin' || top === 'tools') return top;
  if (top !== 'server') return null;
  if (rest.length === 0) return 'programs';
  if (second === 'core' || second === 'store') return second;
  return ROOMS.find((room) => room === second) ?? 'programs';
}

// Biome puts every import at the start of a line, so a pattern finds them all and finds none inside a string.
const IMPORTS =
  /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

function importsOf(text: string): { specifier: string; line: number }[] {
  return [...text.matchAll(IMPORTS)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }));
}
