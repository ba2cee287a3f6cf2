// DNS over TLS, strictly: the server proves the name that it was given, or it is not asked (RFC 7858, RFC 8310 §5).
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import type { DnsServerAddress } from '#server/core/app.ts';
import { type Message, PADDING_OPTION } from './message.ts';
import type { ExchangeFailure } from './query.ts';
import { encode } from './wire.ts';

export type TlsServer = DnsServerAddress & { tlsName: string };

/** Of one server and name, the newest last: each is used once (RFC 8446 §C.4). `provenAt` is when its certificate was seen. */
export type Tickets = { session: Buffer; provenAt: number }[];

/** A resumed connection does not show its certificate again, so its dates are looked at at least so often. */
const MAX_TICKET_AGE_MS = 60 * 60_000;
const MAX_TICKETS = 4;
/** RFC 8467 §4.1: what a query's length tells is the same for nearly all names. */
const PADDED_OCTETS = 128;

/** Null where the authorities cannot be read: nobody can prove anything then. */
export function tlsOpener(authorities: () => readonly string[], now: () => number) {
  let context: SecureContext | null = null;
  return (server: TlsServer, tickets: Tickets): Socket | null => {
    // Reading hundreds of certificates takes a while, and many never ask by TLS.
    context ??= contextOf(authorities);
    if (context === null) return null;
    const { address, port, tlsName } = server;
    const ticket = takeTicket(tickets, now());
    const socket = connect({
      host: address,
      port,
      servername: tlsName,
      ALPNProtocols: ['dot'],
      secureContext: context,
      rejectUnauthorized: true,
      ...(ticket === null ? {} : { session: ticket.session }),
    });
    socket.setNoDelay(true);
    socket.on('session', (session: Buffer) => {
      const provenAt = ticket !== null && socket.isSessionReused() ? ticket.provenAt : now();
      tickets.push({ session, provenAt });
      if (tickets.length > MAX_TICKETS) tickets.shift();
    });
    return socket;
  };
}

function takeTicket(tickets: Tickets, now: number): Tickets[number] | null {
  const ticket = tickets.pop();
  if (ticket === undefined) return null;
  return now - ticket.provenAt < MAX_TICKET_AGE_MS && ticket.provenAt <= now ? ticket : takeTicket(tickets, now);
}

function contextOf(authorities: () => readonly string[]): SecureContext | null {
  try {
    return createSecureContext({ ca: [...authorities()], minVersion: 'TLSv1.2' });
  } catch {
    return null;
  }
}

/** OpenSSL's verdicts on a certificate have names with an underscore; the system's errors have none. */
export function tlsFailureOf({ code = '' }: NodeJS.ErrnoException): ExchangeFailure {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'certificate-expired';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'certificate-name';
  if (code.startsWith('ERR_') || code === 'EPROTO' || code === 'ECONNRESET') return 'tls-failed';
  return code.includes('_') ? 'certificate-untrusted' : 'unreachable';
}

/** The query with as much padding as makes its length a multiple of 128; as it is where it has no EDNS to carry it. */
export function padded(query: Message): Message {
  if (query.edns === null) return query;
  const { edns } = query;
  const withPadding = (octets: number): Message => ({
    ...query,
    edns: { ...edns, options: [...edns.options, { code: PADDING_OPTION, value: new Uint8Array(octets) }] },
  });
  const least = encode(withPadding(0)).length;
  return withPadding((PADDED_OCTETS - (least % PADDED_OCTETS)) % PADDED_OCTETS);
}
