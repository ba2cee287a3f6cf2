// What TLS needs: certificates, read from their files by the supervisor alone, and the key of session tickets, both handed to every gateway.
import { randomBytes } from 'node:crypto';
import { readAuthorities } from './certs/authorities.ts';
import {
  type Certificate,
  type CertificateTexts,
  certificatesFrom,
  covers,
  loadCertificates,
  selectCertificate,
  textsOf,
} from './certs/files.ts';
import type { CertificateFiles } from './config.ts';
import type { Certificates } from './http/listen.ts';
import type { Logger } from './log.ts';

/**
 * All gateways have the same, so that a session of TLS which one of them began goes on at any other (RFC 5077, RFC 8446 §4.6.1).
 * The key is 48 random bytes in base64, in memory alone, and of the listeners for browsers alone.
 */
export type TlsTexts = { certificates: readonly CertificateTexts[]; ticketKeys: string };

/** Whoever has a key reads the TLS 1.2 sessions of its time. An older ticket costs its browser a whole handshake, and nothing else. */
export const TICKET_KEYS_MS = 12 * 60 * 60_000;
const TICKET_KEYS_BYTES = 48;

export function makeTicketKeys(): string {
  return randomBytes(TICKET_KEYS_BYTES).toString('base64');
}

export type ReadCertificates =
  | { kind: 'read'; texts: readonly CertificateTexts[] }
  /** What is wrong, in sentences. */
  | { kind: 'invalid'; sentence: string };

/** What is dangerous but works, like a certificate that expires soon, is an alarm. */
export function readCertificates(files: readonly CertificateFiles[], log: Logger): ReadCertificates {
  if (files.length === 0) return { kind: 'read', texts: [] };
  const loaded = loadCertificates(files, Date.now());
  if (loaded.kind === 'invalid') return { kind: 'invalid', sentence: loaded.problems.join(' ') };
  for (const warning of loaded.warnings) log.warn({ alarm: true }, warning);
  return { kind: 'read', texts: textsOf(loaded.certificates) };
}

/** What is wrong with FOYER_UPSTREAM_CA, in a sentence, or null. */
export function upstreamCaProblem(file: string): string | null {
  const read = readAuthorities(file);
  if (read.kind === 'authorities') return null;
  return `FOYER_UPSTREAM_CA cannot be used (${file}: ${read.why}): name a PEM file that Foyer’s user may read.`;
}

const LOOK_EVERY_MS = 12 * 60 * 60_000;

/** Nobody has to reload for it: a certificate that comes to its end while Foyer runs is an alarm twice a day. */
export function watchDates(
  texts: () => readonly CertificateTexts[],
  log: Logger,
  everyMs = LOOK_EVERY_MS,
): NodeJS.Timeout {
  const look = (): void => {
    const loaded = certificatesFrom(texts(), Date.now());
    if (loaded.kind === 'loaded') for (const warning of loaded.warnings) log.warn({ alarm: true }, warning);
  };
  return setInterval(look, everyMs).unref();
}

export type RunningCertificates = {
  /** Null where no certificate is configured. */
  current(): Certificates | null;
  /** When each ends, epoch milliseconds, in the order of the files. */
  ends(): readonly number[];
  use(texts: TlsTexts): void;
};

/** A process that starts after the files were broken is given the last good texts too. */
export function startCertificates(texts: TlsTexts): RunningCertificates {
  let current = understand(texts);
  return {
    current: () => current.certificates,
    ends: () => current.ends,
    use: (newer) => {
      current = understand(newer);
    },
  };
}

type Understood = { certificates: Certificates | null; ends: readonly number[] };

/** Throws for texts that the supervisor would not have sent. */
function understand({ certificates: texts, ticketKeys }: TlsTexts): Understood {
  if (texts.length === 0) return { certificates: null, ends: [] };
  const loaded = certificatesFrom(texts, Date.now());
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.join(' '));
  const { certificates } = loaded;
  const select = (servername: Parameters<typeof selectCertificate>[1]): Certificate =>
    selectCertificate(certificates, servername);
  return {
    certificates: {
      first: { ...certificates[0].pem, ticketKeys: Buffer.from(ticketKeys, 'base64') },
      contextFor: (servername) => select(servername).context,
      covers: (servername, hostname) => covers(select(servername), hostname),
    },
    ends: certificates.map(({ validTo }) => validTo),
  };
}
