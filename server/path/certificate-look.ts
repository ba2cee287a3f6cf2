// Looks at the certificate that somebody shows for a name: a handshake that trusts nobody, sends nothing and hangs up.
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { parseAddress } from '#server/core/address.ts';
import type { Endpoint, UpstreamProtocol } from '#server/core/app.ts';
import type { ShownCertificate } from '#server/core/path.ts';
import { systemAuthorities } from '../dial/upstream-tls.ts';

export type Look =
  | { kind: 'shown'; certificate: ShownCertificate; coversName: boolean; distrust: string | null }
  | { kind: 'failed'; detail: string };

export type LookOptions = {
  servername: string;
  timeoutMs: number;
  protocol?: UpstreamProtocol;
  signal?: AbortSignal;
};

/** Never rejects. */
export function lookAtCertificate(at: Endpoint, options: LookOptions): Promise<Look> {
  const { protocol, servername, signal, timeoutMs } = options;
  return new Promise((resolve) => {
    const socket = connect({
      host: at.address,
      port: at.port,
      rejectUnauthorized: false,
      ca: systemAuthorities(),
      ...(protocol ? { ALPNProtocols: [protocol] } : {}),
      ...(parseAddress(servername) === null ? { servername } : {}),
    });
    const end = (look: Look) => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      resolve(look);
    };
    const deadline = setTimeout(() => end({ kind: 'failed', detail: `no TLS within ${timeoutMs} ms` }), timeoutMs);
    const abort = () => end({ kind: 'failed', detail: 'aborted' });
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => end({ kind: 'failed', detail: error.message }));
    socket.once('close', () => end({ kind: 'failed', detail: 'closed during the handshake' }));
    socket.once('secureConnect', () => {
      const certificate = shownCertificate(socket);
      if (certificate === null) return end({ kind: 'failed', detail: 'no certificate was shown' });
      const coversName = checkServerIdentity(servername, socket.getPeerCertificate()) === undefined;
      const why = socket.authorized ? null : String(socket.authorizationError ?? 'unknown');
      // The name is a matter of its own.
      const distrust = why?.includes('ALTNAME') ? null : why;
      end({ kind: 'shown', certificate, coversName, distrust });
    });
    if (signal?.aborted) abort();
  });
}

/** What the far end of a TLS connection has shown, for people; null when it showed nothing. */
export function shownCertificate(socket: TLSSocket): ShownCertificate | null {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return null;
  const names = (leaf.subjectAltName ?? '').split(/,\s*/).map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  return {
    subject: commonName(leaf.subject),
    issuer: commonName(leaf.issuer),
    names: names.filter((name) => name !== ''),
    validFrom: Date.parse(leaf.validFrom),
    validTo: Date.parse(leaf.validTo),
    sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    chain: chainOf(socket.getPeerCertificate(true)),
    protocol: socket.getProtocol() ?? '',
  };
}

/** The names of those above the leaf, as they were sent or found. */
function chainOf(leaf: DetailedPeerCertificate): string[] {
  const names: string[] = [];
  const seen = new Set([leaf.fingerprint256]);
  for (
    let above = leaf.issuerCertificate;
    above !== undefined && !seen.has(above.fingerprint256);
    above = above.issuerCertificate
  ) {
    seen.add(above.fingerprint256);
    names.push(String(above.subject.CN ?? above.subject.O ?? above.fingerprint256.slice(0, 23)));
  }
  return names;
}

/** `CN=…` where there is one, else the whole name on one line. */
function commonName(name: string | undefined): string {
  return /^CN=(.*)$/m.exec(name ?? '')?.[1] ?? (name ?? '').replaceAll('\n', ', ');
}
