// `foyer status`: who is signed in here, which machine this is, and whether it is up.
import type { Environment } from '../config.ts';
import { askUp, type UpState } from './control.ts';
import { type Login, type OwnMachine, readLogin, readMachine, readNames, stateDir } from './state-files.ts';
import { timeText } from './time-text.ts';

export async function status(options: { json: boolean; stateDir?: string }, env: Environment): Promise<void> {
  const dir = stateDir(options.stateDir, env);
  const [login, machine, up] = [readLogin(dir), readMachine(dir), await askUp(dir)];
  const zone = up?.zone || readNames(dir)?.zone || login?.zone || null;
  const { portal, email, expiresAt } = login ?? {};
  const { name, address } = up ?? machine ?? {};
  const known = {
    login: login && { portal, email, expiresAt },
    machine: machine && { name, address, zone },
    up,
  };
  const lines = [loginText(login), machineText(up ?? machine, zone), upText(up)];
  process.stdout.write(options.json ? `${JSON.stringify(known)}\n` : `${lines.join('\n')}\n`);
}

function loginText(login: Login | null): string {
  return login
    ? `Signed in at ${login.portal} as ${login.email}, until ${timeText(login.expiresAt)}.`
    : "Nobody is signed in here. Run 'foyer login' first.";
}

function machineText(machine: Pick<OwnMachine, 'name' | 'address'> | null, zone: string | null): string {
  if (machine === null) return 'This machine has not joined.';
  return `This machine is ${zone ? `${machine.name}.${zone}` : machine.name}, ${machine.address}.`;
}

function upText(up: UpState | null): string {
  if (up === null) return "It is down. Run 'foyer up'.";
  const heard = up.heardAt === null ? 'not heard yet' : `heard at ${timeText(up.heardAt)}`;
  const trouble = up.problem === null ? '' : ` Since then: ${up.problem}`;
  return `It is up (process ${up.pid}) and answers DNS at ${up.listen}; names of machines: ${up.machines}; portal: ${heard}.${trouble}`;
}
