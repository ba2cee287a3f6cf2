// What a DNS server's sockets hand a packet to: bytes in, bytes out.
import type { Address } from '#server/core/address.ts';

/** Who asks, as the socket saw it. */
export type Client = { address: Address; transport: 'udp' | 'tcp' | 'tls' };

/** Null means that the packet gets no reply at all. Never throws and never rejects, whatever the bytes are. */
export type Answerer = (packet: Uint8Array, client: Client) => Buffer | null | Promise<Buffer | null>;
