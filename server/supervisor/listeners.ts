// The listening sockets: bound once by the supervisor, which never accepts on them, and handed to every gateway as file descriptors.
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { formatListen, type ListenAddress } from '#server/config/listen-address.ts';
import { type Address, parseAddress } from '#server/core/address.ts';

/** A bound socket, as its owner's file descriptor. The address is what was bound; the port is never 0. */
export type Listener = { fd: number; tls: boolean; address: Address; port: number };

export type BoundListeners =
  | { kind: 'bound'; listeners: readonly Listener[]; close(): void }
  /** `sentence` says which address, why, and what to do. */
  | { kind: 'refused'; code: string; sentence: string };

/**
 * All of the addresses, or none. The sockets stay unlistened here: the first gateway that calls `listen({ fd })` starts the
 * kernel's queue, which all gateways share and which outlives each of them, so a gateway may die without a refused connection.
 */
export function bindListeners(addresses: readonly ListenAddress[]): BoundListeners {
  const handles: TcpHandle[] = [];
  const close = () => handles.splice(0).forEach((handle) => void handle.close());
  const listeners: Listener[] = [];
  for (const wanted of addresses) {
    const bound = wanted.address ? bind(wanted.address, wanted.port) : bindEveryInterface(wanted.port);
    if (bound.kind === 'error') {
      close();
      return { kind: 'refused', code: bound.code, sentence: explain(wanted, bound.code) };
    }
    handles.push(bound.handle);
    listeners.push({ fd: bound.handle.fd, tls: wanted.tls, address: bound.address, port: bound.port });
  }
  return { kind: 'bound', listeners, close };
}

/** What node:net makes for itself and for node:cluster: a socket that is bound and not yet listening. */
type TcpHandle = { fd: number; close(): void; getsockname(out: { address?: string; port?: number }): number };
type CreateHandle = (
  address: string,
  port: number,
  addressType: 4 | 6,
  fd: number,
  flags: number,
) => TcpHandle | number;

type Bound = { kind: 'bound'; handle: TcpHandle; address: Address; port: number } | { kind: 'error'; code: string };

/** An IPv6 wildcard socket takes IPv4 too; a machine without IPv6 gets the IPv4 one. */
function bindEveryInterface(port: number): Bound {
  const both = bind('::' as Address, port);
  const hasNoIpv6 = both.kind === 'error' && (both.code === 'EAFNOSUPPORT' || both.code === 'EADDRNOTAVAIL');
  return hasNoIpv6 ? bind('0.0.0.0' as Address, port) : both;
}

function bind(address: Address, port: number): Bound {
  const { _createServerHandle: create } = net as unknown as { _createServerHandle: CreateHandle };
  const handle = create(address, port, address.includes(':') ? 6 : 4, -1, 0);
  if (typeof handle === 'number') return { kind: 'error', code: getSystemErrorName(handle) };
  // libuv keeps EADDRINUSE back until the first call that needs the address.
  const name: { address?: string; port?: number } = {};
  const error = handle.getsockname(name);
  const boundAddress = parseAddress(name.address ?? '');
  if (error === 0 && boundAddress && name.port)
    return { kind: 'bound', handle, address: boundAddress, port: name.port };
  handle.close();
  return { kind: 'error', code: getSystemErrorName(error) };
}

function explain(wanted: ListenAddress, code: string): string {
  const where = formatListen(wanted);
  switch (code) {
    case 'EADDRINUSE':
      return `Another program already listens on ${where}: stop it, or name another address or port in FOYER_LISTEN.`;
    case 'EACCES':
      return `This user may not listen on ${where}: give the process CAP_NET_BIND_SERVICE (in systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE), or name a port above 1023 in FOYER_LISTEN.`;
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${wanted.address ?? ''} to listen on (${where}): name one of its own in FOYER_LISTEN, or leave the address out, as in :${wanted.port}.`;
    default:
      return `Listening on ${where} failed (${code}): name another address or port in FOYER_LISTEN.`;
  }
}
