// The machines that screenshots show: heard, missed, and switched off.
import type { Store } from '#server/store/handle.ts';
import { heartbeat, lastWord } from '#server/store/heartbeat.ts';
import { acceptMachine, machineActor } from '#server/store/live-machine.ts';
import { addMachine } from '#server/store/machines.ts';
import { saveSetting } from '#server/store/settings.ts';
import { SYSTEM, saved, signedIn } from '#server/store/testing/temporary-store.ts';

const MACHINES = [
  { name: 'Win-A', os: 'Windows 11', state: 'online' },
  { name: 'Linux-C', os: 'Debian 13', state: 'online' },
  { name: 'Lab-Scanner', os: 'Ubuntu 24.04', state: 'left' },
  { name: 'Old-Laptop', os: 'macOS 15', state: 'never' },
] as const;

export async function addMachines(store: Store, ownerId: string): Promise<void> {
  const owner = await signedIn(store, ownerId);
  for (const { name, os, state } of MACHINES) {
    const { token } = saved(await addMachine(store, owner, { name, os }));
    const machine = await machineActor(store, (await acceptMachine(store, token)) ?? '');
    if (!machine || state === 'never') continue;
    await heartbeat(store, machine, { os });
    if (state === 'left') await lastWord(store, machine);
  }
  const records = [{ name: 'printer', address: '192.168.1.9' }];
  saved(await saveSetting(store, SYSTEM, 'machines', { zone: 'corp.zt.example', records }));
}
