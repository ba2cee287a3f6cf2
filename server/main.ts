// The `foyer` command: which program to run, with which arguments. Programs are loaded when they are asked for.
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { addMachineCommands } from './cli/commands.ts';
import type { DoctorOptions } from './doctor.ts';
import { readVersion } from './version.ts';

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
    const { demo } = await import('./demo.ts');
    exitOn(await demo(options, process.env));
  });

foyer
  .command('doctor')
  .description('say what is wrong with a set-up, and how to mend it')
  .option('--json', 'print the findings as JSON', false)
  .option(
    '--dns <addresses...>',
    'public DNS servers to ask instead of this machine’s own, such as 9.9.9.9 or 9.9.9.9#dns.quad9.net',
    [],
  )
  .option('--config <file>', 'the file of foyer nameserver; FOYER_NAMESERVER_FILE where it is not given')
  .option('--portal <address>', 'where foyer nameserver follows a Foyer that runs elsewhere, as it has it')
  .option('--token-file <file>', 'an API token of it, with names:read and machines:read')
  .option('--ca <file>', 'an authority (PEM) that is trusted for the portal beside the system’s')
  .action(async (options: DoctorOptions) => {
    const { doctor } = await import('./doctor.ts');
    process.exitCode = await doctor(options, process.env);
  });

foyer
  .command('nameserver')
  .description('answer DNS: an office’s names, private zones, block lists, and the rest by TLS')
  .option('--config <file>', 'its configuration, JSON; FOYER_NAMESERVER_FILE where it is not given')
  .option('--portal <address>', 'follow the names of a Foyer that runs elsewhere')
  .option('--token-file <file>', 'an API token of it, with names:read and machines:read')
  .option('--ca <file>', 'an authority (PEM) that is trusted for the portal beside the system’s')
  .action(async (options: { config?: string; portal?: string; tokenFile?: string; ca?: string }) => {
    keepNurserySmall();
    const { nameserver } = await import('./nameserver.ts');
    exitOn(await nameserver(options, process.env));
  });

const admin = foyer.command('admin').description('what an operator does at the machine');
admin
  .command('link')
  .description('print a link that creates or restores an administrator, once and within an hour')
  .action(async () => {
    const { printAdminLink } = await import('./cli/admin-link.ts');
    exitOn(await printAdminLink(process.env));
  });

addMachineCommands(foyer, exitOn);

try {
  await foyer.parseAsync();
} catch (error) {
  exitOn([inWords(error)]);
}

/** What a query makes is garbage at once: a nursery that grows to 64 MB for it takes memory and gains nothing. */
function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Programs return what kept them from running, in sentences. */
function exitOn(problems: readonly string[]): void {
  if (problems.length === 0) return;
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(1);
}

/** A stack says nothing to whoever runs a command; who looks for a bug asks for it. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const asksForMore = ['debug', 'trace'].includes(process.env.FOYER_LOG_LEVEL?.trim() ?? '');
  return (asksForMore && error.stack) || error.message;
}
