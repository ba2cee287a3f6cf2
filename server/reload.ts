// What SIGHUP does: the certificate files are read again, and every gateway is replaced by a new process, one after the other.
import { loadCertificates } from './certs/files.ts';
import type { Child } from './child.ts';
import type { CertificateFiles } from './config.ts';
import type { Logger } from './log.ts';

export type Reload = {
  /** Returns at once. Asked again while one runs, another one follows it, however often it is asked. */
  ask(): void;
};

export type ReloadParts = {
  gateways: readonly Pick<Child, 'name' | 'pid' | 'replace' | 'signal'>[];
  certificates: readonly CertificateFiles[];
  log: Logger;
};

export function createReload({ gateways, certificates, log }: ReloadParts): Reload {
  let generation = 0;
  let isRunning = false;
  let isAskedAgain = false;

  const run = async () => {
    do {
      isAskedAgain = false;
      if (certificatesAreGood(certificates, log)) await replaceAll();
    } while (isAskedAgain);
    isRunning = false;
  };

  const replaceAll = async () => {
    generation++;
    const startedAt = performance.now();
    log.info({ generation, gateways: gateways.length }, 'reload: every gateway is replaced, one after the other');
    // The new certificate is not to wait for the last gateway's turn.
    for (const gateway of gateways) gateway.signal('SIGHUP');
    for (const gateway of gateways) {
      const replaced = await gateway.replace(generation);
      if (replaced.kind === 'failed') {
        log.error(
          { alarm: true, child: gateway.name, generation, pid: gateway.pid() },
          `reload: given up, and the gateways that were not replaced go on. ${replaced.sentence}`,
        );
        return;
      }
      log.info({ child: gateway.name, generation, pid: gateway.pid() }, 'reload: a gateway was replaced');
    }
    const tookMs = Math.round(performance.now() - startedAt);
    log.info({ generation, tookMs }, 'reload: done; what the replaced gateways had begun goes on there');
  };

  return {
    ask: () => {
      if (isRunning) {
        isAskedAgain = true;
        log.info('reload: asked for while one runs; another one follows it');
        return;
      }
      isRunning = true;
      void run();
    },
  };
}

/** A new process could not start with files that are broken: the present ones keep what they have. */
function certificatesAreGood(files: readonly CertificateFiles[], log: Logger): boolean {
  if (files.length === 0) return true;
  const loaded = loadCertificates(files, Date.now());
  if (loaded.kind === 'loaded') return true;
  log.error(
    { alarm: true },
    `reload: the certificates could not be loaded; the last good ones stay, and no gateway is replaced. ${loaded.problems.join(' ')}`,
  );
  return false;
}
