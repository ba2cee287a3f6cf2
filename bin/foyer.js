#!/usr/bin/env node
// The `foyer` command: installs what is missing, finds the newest Node, and runs server/main.ts in it.
import { ensureInstalled } from './install.js';
import { inNewestNode } from './runtime.js';

ensureInstalled({ tools: false });
await inNewestNode(() => import('../server/main.ts'));
