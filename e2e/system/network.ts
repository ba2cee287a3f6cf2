// Network namespaces with cables between them: machines of a small Internet, gone with the processes that hold them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type Child, runCommand, startChild } from './child.ts';

/** One machine: its own network, its own /etc/resolv.conf. `enter` is put before a command that runs there. */
export type Machine = { name: string; holder: Child; enter: readonly string[] };
export type Network = {
  addMachine(name: string, options?: { dns?: string }): Promise<Machine>;
  /** One cable: both ends named `interface` with the addresses of each side. */
  connect(
    interfaceName: string,
    ends: readonly [Machine, readonly string[]],
    others: readonly [Machine, readonly string[]],
  ): Promise<void>;
  stop(): Promise<void>;
};

/** Needs no root: without it, everything happens in a user namespace of its own. */
export async function startNetwork(): Promise<Network> {
  const scratch = mkdtempSync(join(tmpdir(), 'foyer-network-'));
  const user = process.getuid?.() === 0 ? null : await hold(['unshare', '--user', '--map-root-user']);
  const asRoot = user === null ? [] : ['nsenter', `--target=${user.pid}`, '--user', '--preserve-credentials', '--'];
  const machines: Machine[] = [];
  return {
    async addMachine(name, { dns = '127.0.0.1' } = {}) {
      const holder = await hold([...asRoot, 'unshare', '--net', '--mount']);
      const enter = [...asRoot, 'nsenter', `--target=${holder.pid}`, '--net', '--mount', '--'];
      const machine = { name, holder, enter };
      machines.push(machine);
      await replaceFile(enter, '/etc/resolv.conf', join(scratch, `${name}.resolv.conf`), `nameserver ${dns}\n`);
      // Without this a machine with systemd-resolved would answer for the whole host.
      await replaceFile(enter, '/etc/nsswitch.conf', join(scratch, `${name}.nsswitch.conf`), 'hosts: files dns\n');
      await runCommand([...enter, 'ip', 'link', 'set', 'lo', 'up']);
      return machine;
    },
    async connect(interfaceName, [one, addresses], [other, otherAddresses]) {
      const cable = ['type', 'veth', 'peer', 'name', interfaceName, 'netns', String(other.holder.pid)];
      await runCommand([...one.enter, 'ip', 'link', 'add', 'name', interfaceName, ...cable]);
      await bringUp(one, interfaceName, addresses);
      await bringUp(other, interfaceName, otherAddresses);
    },
    async stop() {
      await Promise.all(machines.map((machine) => machine.holder.stop('SIGKILL')));
      await user?.stop('SIGKILL');
      rmSync(scratch, { recursive: true });
    },
  };
}

/** A namespace lives as long as a process in it. */
async function hold(unshare: readonly string[]): Promise<Child> {
  const holder = startChild([...unshare, 'sh', '-c', 'echo held; exec sleep infinity']);
  await holder.line(/^held$/);
  return holder;
}

async function replaceFile(enter: readonly string[], path: string, source: string, text: string): Promise<void> {
  writeFileSync(source, text);
  await runCommand([...enter, 'mount', '--bind', source, path]);
}

async function bringUp(machine: Machine, interfaceName: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await runCommand([...machine.enter, 'ip', 'address', 'add', address, 'dev', interfaceName]);
  }
  await runCommand([...machine.enter, 'ip', 'link', 'set', interfaceName, 'up']);
}
