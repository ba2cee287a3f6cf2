// Finds the test files, by kind: unit (pure), socket (real servers on loopback) and browser (the whole system).
import { globSync } from 'node:fs';

export type TestFiles = { unit: string[]; socket: string[]; browser: string[] };

const NODE_TESTS = '{server,app,tools,demo,bench}/**/*.test.{ts,tsx}';
const BROWSER_TESTS = 'e2e/**/*.spec.ts';

/** Paths from the repository's root that contain one of `parts`, sorted; all of them where there is none. */
export function findTestFiles(root: string, parts: readonly string[] = []): TestFiles {
  const find = (pattern: string) =>
    globSync(pattern, { cwd: root })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
      .sort();
  const nodeTests = find(NODE_TESTS);
  const isSocket = (path: string) => path.includes('.socket.test.');
  return {
    unit: nodeTests.filter((path) => !isSocket(path)),
    socket: nodeTests.filter(isSocket),
    browser: find(BROWSER_TESTS),
  };
}
