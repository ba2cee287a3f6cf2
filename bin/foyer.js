#!/usr/bin/env node
// The `foyer` command: installs what is missing, finds the newest Node, and runs server/main.ts in it.
import { statSync } from 'node:fs';
import module from 'node:module';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { ensureInstalled } from './install.js';
import { inNewestNode } from './runtime.js';

ensureInstalled({ tools: false });
await inNewestNode(() => {
  keepCompiledCode(process.env.FOYER_DATA_DIR || '.data');
  return import('../server/main.ts');
});

/**
 * Before the first TypeScript is read: what comes compiled halves the time to load and needs no compiler in memory. Only in a data directory that is
 * there, since making one is a program's own work, and that is this user's: the one that Foyer runs as has to be able to write there.
 */
function keepCompiledCode(dataDir) {
  // Node keeps it already where its own variable says so.
  if (process.env.NODE_COMPILE_CACHE) return;
  const owner = ownerOf(dataDir);
  if (owner !== null && owner === (process.getuid?.() ?? owner))
    module.enableCompileCache?.(join(resolve(dataDir), 'compile-cache'));
}

/** Null where there is nothing, or nothing that this user may see. */
function ownerOf(path) {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}
