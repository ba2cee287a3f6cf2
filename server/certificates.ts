// The certificates that this process serves: loaded at the start, loaded again on SIGHUP, the last good set kept.
import { type Certificate, covers, loadCertificates, selectCertificate } from './certs/files.ts';
import type { CertificateFiles } from './config.ts';
import type { Certificates } from './http/listen.ts';
import type { Logger } from './log.ts';

export type RunningCertificates = {
  /** Null where no certificate is configured. */
  current(): Certificates | null;
  /** When each ends, epoch milliseconds, in the order of the files. */
  ends(): readonly number[];
  reload(): void;
};

/** Throws a sentence when the configured files cannot be used at the start; later, what is wrong is only logged. */
export function startCertificates(files: readonly CertificateFiles[], log: Logger): RunningCertificates {
  if (files.length === 0) return { current: () => null, ends: () => [], reload: () => {} };
  let current = load(files, log);
  return {
    current: () => current.certificates,
    ends: () => current.ends,
    reload: () => {
      try {
        current = load(files, log);
        log.info('the certificates were loaded again');
      } catch (error) {
        log.error({ err: error, alarm: true }, 'the certificates could not be loaded; the last good ones stay');
      }
    },
  };
}

function load(
  files: readonly CertificateFiles[],
  log: Logger,
): { certificates: Certificates; ends: readonly number[] } {
  const loaded = loadCertificates(files, Date.now());
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.join(' '));
  for (const warning of loaded.warnings) log.warn({ alarm: true }, warning);
  const { certificates } = loaded;
  const select = (servername: Parameters<typeof selectCertificate>[1]): Certificate =>
    selectCertificate(certificates, servername);
  return {
    certificates: {
      first: certificates[0].pem,
      contextFor: (servername) => select(servername).context,
      covers: (servername, hostname) => covers(select(servername), hostname),
    },
    ends: certificates.map(({ validTo }) => validTo),
  };
}
