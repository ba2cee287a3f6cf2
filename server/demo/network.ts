// The demo's sample private network: a name server and three apps, each a process of its own on an address of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';
import type { PartMessage } from '../../demo/part.ts';
import { APPS, HOSTS } from './names.ts';

export const PARTS = ['nameserver', ...APPS] as const;
export type Part = (typeof PARTS)[number];

/** Where each part really listens. `shared` says that this machine has one loopback address only, so ports tell the parts apart. */
export type SampleNetwork = {
  kind: 'running';
  endpoints: Readonly<Record<Part, Endpoint>>;
  shared: boolean;
  /** Settles when every part is gone. */
  stop(): Promise<void>;
  kill(): void;
};

export type StartedNetwork = SampleNetwork | { kind: 'failed'; sentence: string };

type Wish = { file: string; address: string; port: number };
const WISHES: Record<Part, Wish> = {
  nameserver: { file: 'nameserver.ts', address: '127.0.10.53', port: 5300 },
  wiki: { file: 'wiki.ts', address: '127.0.10.11', port: 8000 },
  ops: { file: 'ops-board.ts', address: '127.0.10.12', port: 8000 },
  mirror: { file: 'mirror.ts', address: '127.0.10.13', port: 8000 },
};
const LOOPBACK = '127.0.0.1';

export type NetworkOptions = {
  portal: Portal;
  /** Where the gateway listens: the mirror asks it for Foyer's keys. */
  gatewayPort: number;
  caFile: string | null;
  /** A file descriptor for what the parts print. */
  output: number;
  /** A part that ends by itself, while the others go on. */
  onLost(part: Part, how: string): void;
};

export async function startSampleNetwork(options: NetworkOptions): Promise<StartedNetwork> {
  const shared = !(await hasAddress(WISHES.nameserver.address));
  const addressOf = (part: Part) => (shared ? LOOPBACK : WISHES[part].address);
  const running = PARTS.map((part) => startPart(part, argumentsOf(part, addressOf, shared, options), options));
  const stop = async () => void (await Promise.all(running.map(({ child }) => endPart(child))));
  const started = await Promise.all(running.map(({ ready }) => ready));
  const failed = started.find((message) => message.kind === 'failed');
  if (failed?.kind === 'failed') {
    await stop();
    return failed;
  }
  const endpointOf = (part: Part): Endpoint => {
    const message = started[PARTS.indexOf(part)];
    if (message?.kind !== 'ready') throw new Error(`${part} is not ready`);
    return { address: literal(addressOf(part)), port: message.port };
  };
  return {
    kind: 'running',
    endpoints: {
      nameserver: endpointOf('nameserver'),
      wiki: endpointOf('wiki'),
      ops: endpointOf('ops'),
      mirror: endpointOf('mirror'),
    },
    shared,
    stop,
    kill: () => running.forEach(({ child }) => void child.kill('SIGKILL')),
  };
}

function argumentsOf(
  part: Part,
  addressOf: (part: Part) => string,
  shared: boolean,
  { portal, gatewayPort, caFile }: NetworkOptions,
): string[] {
  const given: Record<string, string> = { address: addressOf(part), port: String(shared ? 0 : WISHES[part].port) };
  if (part === 'nameserver') Object.assign(given, Object.fromEntries(APPS.map((app) => [app, addressOf(app)])));
  if (part === 'wiki')
    Object.assign(given, {
      origin: appOrigin(portal, HOSTS.wiki[0]),
      'files-origin': appOrigin(portal, HOSTS.wiki[1]),
    });
  if (part === 'mirror')
    Object.assign(given, {
      origin: appOrigin(portal, HOSTS.mirror[0]),
      issuer: portal.origin,
      gateway: `${LOOPBACK}:${gatewayPort}`,
      ca: caFile ?? '',
    });
  return Object.entries(given).map(([name, value]) => `--${name}=${value}`);
}

function startPart(part: Part, args: string[], { output, onLost }: NetworkOptions) {
  const child = fork(join(import.meta.dirname, '../../demo', WISHES[part].file), args, {
    execArgv: [],
    // A signal to the whole terminal is the demo's to hear: it ends the gateways before what is behind them.
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  const ready = Promise.withResolvers<PartMessage>();
  child.once('message', (message) => ready.resolve(message as PartMessage));
  child.once('error', (error) =>
    ready.resolve({ kind: 'failed', sentence: `The demo’s ${part} does not start: ${error.message}` }),
  );
  child.once('exit', (code, signal) => {
    const how = signal ?? `exit code ${code}`;
    ready.resolve({ kind: 'failed', sentence: `The demo’s ${part} ended before it was ready (${how}).` });
    if (!ending.has(child)) onLost(part, how);
  });
  return { child, ready: ready.promise };
}

/** Processes that were asked to end. */
const ending = new WeakSet<ChildProcess>();

async function endPart(child: ChildProcess): Promise<void> {
  ending.add(child);
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Linux owns all of 127.0.0.0/8; macOS only what was configured. */
async function hasAddress(address: string): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(0, address);
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

function literal(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}
