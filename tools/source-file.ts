// The repository's own source files, as the checks see them.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One source file: its path from the repository's root, with `/`, and its text. */
export type SourceFile = { path: string; text: string };

const PATTERNS = ['{app,server,demo,tools,e2e,bench,bin}/**/*.{ts,tsx,js,mjs}', '*.{ts,mjs}'];

export function readSourceFiles(root: string): SourceFile[] {
  return globSync(PATTERNS, { cwd: root, exclude: (path) => path.includes('node_modules') })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
