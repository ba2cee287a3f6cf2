// The `foyer` command: which program to run, with which arguments. Programs are loaded when they are asked for.
import { existsSync, readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { Command } from 'commander';

const foyer = new Command('foyer')
  .description('The way into private web apps for people with nothing but a browser.')
  .version(readVersion(), '--version', 'print the version')
  .helpOption('-h, --help', 'print this')
  .helpCommand(false)
  .showHelpAfterError();

foyer
  .command('start')
  .description('run Foyer; FOYER_PORTAL_URL and its fellows say how')
  .action(async () => {
    keepCompiledCode(process.env.FOYER_DATA_DIR || '.data');
    const { start } = await import('./start.ts');
    exitOn(await start(process.env));
  });

foyer
  .command('demo')
  .description('run Foyer on this machine with a sample private network')
  .option('--port <number>', 'the port that the browser uses', '8080')
  .option('--https', 'with a certificate of the demo’s own authority', false)
  .option('--reset', 'begin again with an empty demo', false)
  .option('--data-dir <folder>', 'where the demo keeps its data', '.data/demo')
  .action(async (options: { port: string; https: boolean; reset: boolean; dataDir: string }) => {
    keepCompiledCode(options.dataDir);
    const { demo } = await import('./demo.ts');
    exitOn(await demo(options, process.env));
  });

foyer
  .command('doctor')
  .description('say what is wrong with a set-up, and how to mend it')
  .option('--json', 'print the findings as JSON', false)
  .option('--dns <addresses...>', 'public DNS servers to ask instead of this machine’s own', [])
  .action(async (options: { json: boolean; dns: string[] }) => {
    const { doctor } = await import('./doctor.ts');
    process.exitCode = await doctor(options, process.env);
  });

const admin = foyer.command('admin').description('what an operator does at the machine');
admin
  .command('link')
  .description('print a link that creates or restores an administrator, once and within an hour')
  .action(async () => {
    const { printAdminLink } = await import('./admin-link.ts');
    exitOn(await printAdminLink(process.env));
  });

await foyer.parseAsync();

/** Halves the time to load; only in a data directory that is there, since making one is a program's own work. */
function keepCompiledCode(dataDir: string): void {
  if (existsSync(dataDir)) enableCompileCache(join(resolve(dataDir), 'compile-cache'));
}

/** Programs return what kept them from running, in sentences. */
function exitOn(problems: readonly string[]): void {
  if (problems.length === 0) return;
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(1);
}

function readVersion(): string {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).version;
}
