// TLS to an upstream: who the far end must be, and what is said when it is not.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { parseAddress } from '#server/core/address.ts';
import type { ClientCertificate, UpstreamProtocol, UpstreamTls } from '#server/core/app.ts';
import { Fault, type FaultCode } from '#server/core/fault.ts';

export type TlsOptions = {
  servername: string;
  tls: UpstreamTls;
  clientCertificate: ClientCertificate | null;
  /** What ALPN offers, and nothing else: HTTP/2 has to be chosen, HTTP/1.1 is also what no choice means. */
  protocol: UpstreamProtocol;
  timeoutMs: number;
  signal?: AbortSignal;
};

/**
 * Takes over a connected socket and destroys it when the far end is not who it should be. Each connection is a full handshake: a resumed one
 * would skip the checks. Rejects with a Fault.
 */
export function secure(
  socket: Socket,
  { servername, tls, clientCertificate, protocol, timeoutMs, signal }: TlsOptions,
): Promise<TLSSocket> {
  const isVerified = tls.kind === 'system' || tls.kind === 'ca';
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      secureContext: contextFor(tls, clientCertificate),
      ALPNProtocols: [protocol],
      rejectUnauthorized: isVerified,
      checkServerIdentity: (_, certificate) => (isVerified ? checkServerIdentity(servername, certificate) : undefined),
      // RFC 6066 §3: an address is never sent as a server name.
      ...(parseAddress(servername) === null ? { servername } : {}),
    });
    let isSettled = false;
    const settle = () => {
      isSettled = true;
      clearTimeout(deadline);
      signal?.removeEventListener('abort', abort);
    };
    const lose = (code: FaultCode, detail: string, cause?: unknown) => {
      // The listeners stay on the socket, so that an early reset harms nobody; from here on it belongs to the caller.
      if (isSettled) return;
      settle();
      secured.destroy();
      socket.destroy();
      reject(new Fault(code, { detail, cause }));
    };
    const deadline = setTimeout(
      () => lose('upstream-connect-timeout', `no TLS in the ${timeoutMs} ms that were left to connect`),
      timeoutMs,
    );
    const abort = () => lose('upstream-closed', 'the caller went away');
    signal?.addEventListener('abort', abort, { once: true });
    secured.on('error', (error: NodeJS.ErrnoException) => {
      const isAlpn = error.code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
      lose(codeOf(error), isAlpn ? `its TLS does not offer ${protocol} (ALPN)` : error.message, error);
    });
    secured.on('close', () => lose('upstream-tls-failed', 'closed during the handshake'));
    secured.once('secureConnect', () => {
      if (isSettled) return;
      const presented = secured.getPeerX509Certificate()?.raw;
      if (tls.kind === 'pinned' && !isPinned(presented, tls.sha256)) {
        lose('upstream-tls-untrusted', 'the certificate is not the one that is trusted');
        return;
      }
      if (protocol === 'h2' && secured.alpnProtocol !== 'h2') {
        lose('upstream-tls-failed', 'its TLS does not offer h2 (ALPN)');
        return;
      }
      settle();
      resolve(secured);
    });
    if (signal?.aborted) abort();
  });
}

/** By what is trusted, then by what is shown: contexts of two client certificates are never taken for each other. */
const contexts = new WeakMap<UpstreamTls, WeakMap<ClientCertificate, SecureContext>>();
const NO_CERTIFICATE: ClientCertificate = { cert: '', key: '' };
let systemContext: SecureContext | null = null;

/**
 * Reading hundreds of certificates takes a while, so contexts are kept; a client's context holds no session unless it is
 * handed one. Throws a Fault when the client certificate cannot be used.
 */
function contextFor(tls: UpstreamTls, clientCertificate: ClientCertificate | null): SecureContext {
  if (tls.kind === 'system' && clientCertificate === null) {
    systemContext ??= createSecureContext({ ca: systemAuthorities(), minVersion: 'TLSv1.2' });
    return systemContext;
  }
  const byCertificate = contexts.get(tls) ?? new WeakMap<ClientCertificate, SecureContext>();
  contexts.set(tls, byCertificate);
  const known = byCertificate.get(clientCertificate ?? NO_CERTIFICATE);
  if (known !== undefined) return known;
  const ca = tls.kind === 'system' ? systemAuthorities() : tls.kind === 'ca' ? tls.pem : [];
  const context = createContext({ ca, allowPartialTrustChain: tls.kind !== 'system' }, clientCertificate);
  byCertificate.set(clientCertificate ?? NO_CERTIFICATE, context);
  return context;
}

function createContext(trust: SecureContextOptions, clientCertificate: ClientCertificate | null): SecureContext {
  try {
    return createSecureContext({ ...trust, ...clientCertificate, minVersion: 'TLSv1.2' });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const whose = clientCertificate === null ? 'authority that is trusted' : 'client certificate or its key';
    throw new Fault('upstream-tls-failed', { detail: `the ${whose} cannot be used: ${said}`, cause });
  }
}

/** What this machine trusts; where it keeps no list of its own, what the runtime brings. */
export function systemAuthorities(): string[] {
  const system = getCACertificates('system');
  return system.length > 0 ? [...system, ...getCACertificates('extra')] : getCACertificates('default');
}

function isPinned(presented: Buffer | undefined, sha256: string): boolean {
  if (presented === undefined) return false;
  const actual = createHash('sha256').update(presented).digest();
  const expected = Buffer.from(sha256, 'hex');
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}

function codeOf(error: NodeJS.ErrnoException): FaultCode {
  const code = error.code ?? '';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'upstream-tls-expired';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'upstream-tls-name';
  return untrusted.has(code) ? 'upstream-tls-untrusted' : 'upstream-tls-failed';
}

/** What OpenSSL says when a chain does not end at a trusted authority, in Node's spelling. */
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);
