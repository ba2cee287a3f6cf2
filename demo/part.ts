// What every part of the sample network has in common: its arguments, its own address, a word when it is ready, and an orderly end.
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

/** What a part tells the demo: where it listens, or the sentence that says why it does not. */
export type PartMessage = { kind: 'ready'; port: number } | { kind: 'failed'; sentence: string };

/** Reads `--name value` pairs; a missing one is an error of the demo, not of a person. */
export function readArguments<const Name extends string>(...names: Name[]): Record<Name, string> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options, strict: true });
  const entries = names.map((name) => {
    const value = values[name];
    if (typeof value !== 'string') throw new Error(`--${name} is missing`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** Serves on the part's own address; a preferred port that is taken gives way to any free one. */
export async function serve(
  { address, port }: { address: string; port: number },
  handle: RequestListener,
): Promise<Server> {
  const server = createServer(handle);
  try {
    await listen(server, address, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === 0) throw error;
    await listen(server, address, 0);
  }
  say({ kind: 'ready', port: (server.address() as AddressInfo).port });
  endWithDemo(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

export function say(message: PartMessage): void {
  process.send?.(message);
}

/** A part ends on SIGTERM and when the demo is gone, however that went. A Ctrl-C is the demo's to hear. */
export function endWithDemo(close: () => void): void {
  const end = () => {
    close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  process.on('SIGINT', () => {});
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
