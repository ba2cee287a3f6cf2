// `foyer admin link`: prints a one-time link that creates or restores an administrator, while Foyer runs or not.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readConfig } from '#server/config.ts';
import { adminLink, withStore } from '#server/prepare.ts';
import { loadSecret } from '#server/store/secret.ts';

/** Returns the problems, one sentence each. */
export async function printAdminLink(env: Environment): Promise<readonly string[]> {
  const read = readConfig(env);
  if (read.kind === 'invalid') return read.problems;
  const { config } = read;
  if (!existsSync(join(config.dataDir, 'foyer.db')))
    return [
      `There is no store in ${config.dataDir} yet: run foyer start once, or set FOYER_DATA_DIR to its data directory.`,
    ];
  const loaded = loadSecret({ env, dataDir: config.dataDir });
  if (loaded.kind === 'invalid') return [loaded.sentence];
  try {
    const link = await withStore(config, loaded.secret, adminLink);
    process.stdout.write(`${link}\n\nIt works once and for one hour.\n`);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
