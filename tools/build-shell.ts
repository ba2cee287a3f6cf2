// The second half of `npm run build`: the service worker, what stands in its place when it is off, and the offline page, into .next/foyer.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Plugin, rollup } from 'rollup';
import { minify } from 'terser';
import { getManifest } from 'workbox-build';
import { OFFLINE_PAGE, shellRoutes } from '#server/core/installed.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'app/offline');
const NEXT = join(ROOT, '.next');

/** Every file of the shell, in one folder that server/portal/shell.ts reads at its start. */
export async function buildShell(): Promise<void> {
  const out = join(NEXT, 'foyer');
  mkdirSync(out, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(out, name), text);
  write(
    'offline.html',
    readSource('offline.html').replace('"TEXTS"', () => inlineJson(pageTexts())),
  );
  write('offline.css', readFileSync(join(ROOT, 'app/ui/inks.css'), 'utf8') + readSource('offline.css'));
  write('offline.js', await bundle('offline-page.ts', 'es', {}));
  const built = JSON.parse(readFileSync(join(NEXT, 'app-path-routes-manifest.json'), 'utf8'));
  write(
    'sw.js',
    await bundle('worker.ts', 'iife', { SHELL_FILES: await shellFiles(), SHELL_ROUTES: shellRoutes(built) }),
  );
  write('sw-removal.js', await bundle('removal-worker.ts', 'iife', {}));
}

/** Hashed files by their names alone, the others by their content. */
async function shellFiles(): Promise<unknown> {
  const folders = [
    { globDirectory: join(NEXT, 'static'), modifyURLPrefix: { '': '/_next/static/' }, dontCacheBustURLsMatching: /./ },
    { globDirectory: join(ROOT, 'public'), modifyURLPrefix: { '': '/' } },
    { globDirectory: join(NEXT, 'foyer'), modifyURLPrefix: { '': '/' }, globIgnores: ['sw*.js'] },
  ];
  const lists = await Promise.all(
    folders.map((folder) => getManifest({ globPatterns: ['**/*.{js,css,svg,png,woff2,html}'], ...folder })),
  );
  const warnings = lists.flatMap((list) => list.warnings);
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  const files = lists.flatMap((list) => list.manifestEntries);
  if (!files.some(({ url }) => url === OFFLINE_PAGE))
    throw new Error('The offline page is not among the shell’s files.');
  return files.map(({ url, revision }) => ({ url, revision })).sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** One script without imports. `values` stand in it in place of the names that it declares. */
async function bundle(name: string, format: 'es' | 'iife', values: Readonly<Record<string, unknown>>): Promise<string> {
  const bundled = await rollup({ input: join(SOURCE, name), plugins: [typescript(values)], onwarn: fail });
  const { output } = await bundled.generate({ format });
  await bundled.close();
  const { code } = await minify(output[0].code, { module: format === 'es' });
  if (!code) throw new Error(`${name} became nothing.`);
  return code;
}

function typescript(values: Readonly<Record<string, unknown>>): Plugin {
  const defined = Object.entries(values).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  return {
    name: 'foyer',
    resolveId: (specifier, importer = '') =>
      /^[./]/.test(specifier) ? resolve(dirname(importer), specifier) : fileURLToPath(import.meta.resolve(specifier)),
    transform: (code, id) => {
      // Workbox asks which of its two builds it is.
      const plain = code.replaceAll('process.env.NODE_ENV', '"production"');
      if (!id.endsWith('.ts')) return plain;
      const isEntry = defined.length > 0 && id.endsWith('/worker.ts');
      return `${isEntry ? defined.join('\n') : ''}\n${stripTypes(plain)}`;
    },
  };
}

/** Node runs every file here by the same means; only calling it by its name is still announced as an experiment. */
function stripTypes(code: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(code);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function fail(warning: { message: string }): never {
  throw new Error(warning.message);
}

/** The page's words in every language: nobody asks a server for them. */
function pageTexts(): Record<string, unknown> {
  const messages = join(ROOT, 'app/i18n/messages');
  const languages = readdirSync(messages);
  const read = (language: string) => JSON.parse(readFileSync(join(messages, language, 'offline.json'), 'utf8')).page;
  return Object.fromEntries(languages.map((language) => [language, read(language)]));
}

function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function readSource(name: string): string {
  return readFileSync(join(SOURCE, name), 'utf8');
}
