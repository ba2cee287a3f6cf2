// Tries whether a gateway of the cluster accepts connections.
import { connect } from 'node:net';
import type { Address } from '#server/core/address.ts';
import type { ClusterNode } from '#server/core/cluster.ts';

const CHECK_TIMEOUT_MS = 2_000;

export type CheckPort = (address: Address, port: number) => Promise<boolean>;

/** Reports whether a TCP connection opens within two seconds. Never rejects. */
export function checkPort(address: Address, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(CHECK_TIMEOUT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Where the other nodes reach a node: behind the translation where there is one, since that is where all of them are. */
export function checkedAddress({ addresses }: ClusterNode): Address | null {
  return addresses.nat[0] ?? addresses.lan[0] ?? null;
}
