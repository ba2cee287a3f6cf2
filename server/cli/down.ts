// `foyer down`: ends what runs here with a last word; where nothing runs, says the last word of what was killed.
import type { Environment } from '../config.ts';
import { askDown } from './control.ts';
import { createPortalClient } from './portal-client.ts';
import { portalAddress, readLogin, readMachine, stateDir } from './state-files.ts';

export async function down(options: { stateDir?: string }, env: Environment): Promise<readonly string[]> {
  const dir = stateDir(options.stateDir, env);
  const ended = await askDown(dir);
  if (ended) {
    const portal = ended.isTold ? 'and the portal knows that it went' : 'but the portal could not be told';
    process.stdout.write(`Down: this machine answers no DNS any more, ${portal}.\n`);
    return [];
  }
  const machine = readMachine(dir);
  const made =
    machine && createPortalClient(machine.portal, readLogin(dir)?.caFile ?? null, portalAddress(dir, machine.portal));
  if (!machine || made?.kind !== 'client') {
    process.stdout.write('Nothing runs here.\n');
    return [];
  }
  const path = `/machines/${machine.id}/leave`;
  const said = await made.client.ask({ method: 'POST', path, token: machine.token });
  const heard = said.kind === 'answer' ? ' The portal knows that this machine went.' : '';
  process.stdout.write(`Nothing runs here.${heard}\n`);
  return [];
}
