// Checks what npm brings in: a lock file that pins every byte and names no registry host, and no script that runs at install time.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type LockEntry = {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  inBundle?: boolean;
  optionalDependencies?: Record<string, string>;
};
type Lock = { lockfileVersion: number; packages: Record<string, LockEntry> };
type Manifest = Record<'name' | 'version', string> & Record<string, unknown>;

/** Packages whose install scripts were read and are left out on purpose (`ignore-scripts=true`), each with what it would do. */
const KNOWN_INSTALL_SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['protobufjs', 'prints a warning where a version range is written another way'],
  // Both come with next-intl, for extracting texts out of code, which is not used here.
  ['@swc/core', 'fetches a build of itself for WebAssembly where there is none for the machine'],
  ['@parcel/watcher', 'compiles itself where that is asked for by an environment variable'],
]);
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];
const DEPENDENCY_KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'];

export function findPackageProblems(root: string): string[] {
  const lock: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const npmrc = readFileSync(join(root, '.npmrc'), 'utf8');
  return [
    ...checkLock(lock),
    ...checkManifest(manifest, lock),
    ...checkInstallScripts(installedManifests(root)),
    ...(/^ignore-scripts=true$/m.test(npmrc) ? [] : ['.npmrc: “ignore-scripts=true” is missing']),
  ];
}

export function checkLock(lock: Lock): string[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    if (path === '' || entry.link) return [];
    const problems: string[] = [];
    if (entry.integrity === undefined && !entry.inBundle) problems.push(`package-lock.json: ${path} has no integrity`);
    if (entry.resolved !== undefined) problems.push(`package-lock.json: ${path} names a registry host`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!isLocked(lock, path, name)) problems.push(`package-lock.json: ${path} wants ${name}, and npm ci misses it`);
    }
    return problems;
  });
}

/** npm writes no entry for an optional package that the registry lacks at that version, and then refuses its own lock file. */
function isLocked(lock: Lock, path: string, name: string): boolean {
  const folders = path
    .split('/node_modules/')
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
  return ['', ...folders].some(
    (folder) => lock.packages[`${folder}${folder && '/'}node_modules/${name}`] !== undefined,
  );
}

/** What `npm ci` refuses: a manifest that asks for something else than the lock file holds. */
function checkManifest(manifest: Manifest, lock: Lock): string[] {
  const locked = (lock.packages[''] ?? {}) as Record<string, unknown>;
  return DEPENDENCY_KINDS.filter((kind) => JSON.stringify(manifest[kind]) !== JSON.stringify(locked[kind])).map(
    (kind) => `package-lock.json: ${kind} differ from package.json; run npm install`,
  );
}

export function checkInstallScripts(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const scripts = (manifest.scripts ?? {}) as Record<string, unknown>;
    const found = INSTALL_SCRIPTS.filter((name) => scripts[name] !== undefined);
    if (found.length === 0 || KNOWN_INSTALL_SCRIPTS.has(manifest.name)) return [];
    return [
      `${manifest.name}@${manifest.version} runs a script at install time (${found.join(', ')}): read it, then list it in tools/packages.ts`,
    ];
  });
}

function installedManifests(root: string): Manifest[] {
  const patterns = [
    'node_modules/*/package.json',
    'node_modules/@*/*/package.json',
    'node_modules/**/node_modules/*/package.json',
  ];
  return globSync(patterns, { cwd: root }).map((path) => JSON.parse(readFileSync(join(root, path), 'utf8')));
}
