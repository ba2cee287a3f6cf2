// The commands of a person's own machine: signing in to a portal, joining its names, asking for one.
import type { Command } from 'commander';

/** `exitOn` ends the process when there are sentences. Each command's code is loaded when it is asked for. */
export function addMachineCommands(foyer: Command, exitOn: (problems: readonly string[]) => void): void {
  const withState = (command: Command) =>
    command.option('--state-dir <folder>', 'where this machine’s own files are, in place of ~/.config/foyer');
  const withPortal = (command: Command) =>
    withState(command).option('--ca <file>', 'an authority (PEM) that is trusted beside the system’s');

  withPortal(foyer.command('login [portal]'))
    .description(
      'sign this machine’s person in to a portal: approved on the portal’s page, or by a token of its page for machines',
    )
    .option('--portal <address>', 'such as https://portal.example.com, in place of the argument')
    .option('--token-file <file>', 'a file that holds a token, - to paste it; so does a pipe. No page is needed then')
    .option('--json', 'print what to open, and who is signed in, as two lines of JSON', false)
    .action(async (portal, options) => {
      const { login } = await import('./login.ts');
      exitOn(await login({ ...options, portal: portal ?? options.portal }, process.env));
    });

  withState(foyer.command('logout'))
    .description('forget the token of `foyer login`')
    .action(async (options) => {
      const { logout } = await import('./login.ts');
      logout(options, process.env);
    });

  withPortal(foyer.command('up'))
    .description('join the organisation’s names: register this machine, answer its DNS, and stay')
    .option('--name <name>', 'what this machine is called, in place of its own name')
    .option('--replace', 'a machine of yours that is called so already is this one', false)
    .option('--config <file>', 'where to listen and whom to ask, as `foyer nameserver` has it')
    .option('--detach', 'go on in the background, with a log in the state folder', false)
    .action(async (options) => {
      const { up } = await import('./up.ts');
      const { upDetached } = await import('./up-detached.ts');
      exitOn(options.detach ? await upDetached(options, process.env) : await up(options, process.env));
    });

  withState(foyer.command('down'))
    .description('end `foyer up` with a last word to the portal')
    .action(async (options) => {
      const { down } = await import('./down.ts');
      exitOn(await down(options, process.env));
    });

  withState(foyer.command('status'))
    .description('say who is signed in here, which machine this is, and whether it is up')
    .option('--json', 'print it as JSON', false)
    .action(async (options) => {
      const { status } = await import('./status.ts');
      await status(options, process.env);
    });

  const dns = foyer.command('dns').description('names, asked for over HTTPS');
  withPortal(dns.command('query <name>'))
    .description('print the address of a machine or a record, whether a resolver runs here or not')
    .option('--json', 'print it as JSON', false)
    .action(async (name, options) => {
      const { dnsQuery } = await import('./dns-query.ts');
      exitOn(await dnsQuery(name, options, process.env));
    });
}
