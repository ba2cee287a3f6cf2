#!/usr/bin/env node
// Runs any TypeScript file of this repository as the `foyer` command runs: `node bin/run.js tools/check.ts arguments`.
import { resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.js';
import { fail, inNewestNode } from './runtime.js';

const file = process.argv[2];
if (!file) fail('Say which file to run, for example: node bin/run.js tools/check.ts');
ensureInstalled({ tools: true });
await inNewestNode(() => {
  // The file sees the command line as if Node had been started with it.
  process.argv.splice(1, 2, resolve(file));
  return import(pathToFileURL(resolve(file)).href);
});
