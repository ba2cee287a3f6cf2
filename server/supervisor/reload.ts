// What SIGHUP does: log files are opened again, the certificate files are read again, and every gateway is replaced by a new process, one after the other.
import type { ReadCertificates } from '#server/certificates.ts';
import type { CertificateTexts } from '#server/certs/files.ts';
import type { Logger } from '#server/log.ts';
import type { Child } from './child.ts';

export type Reload = {
  /** Returns at once. Asked again while one runs, another one follows it, however often it is asked. */
  ask(): void;
};

export type ReloadParts = {
  gateways: readonly Pick<Child, 'name' | 'pid' | 'replace' | 'refreshTls' | 'reopenLogs'>[];
  readCertificates(): ReadCertificates;
  /** From now on every gateway that is started gets these. */
  setCertificates(texts: readonly CertificateTexts[]): void;
  log: Logger;
};

export function createReload({ gateways, readCertificates, setCertificates, log }: ReloadParts): Reload {
  let generation = 0;
  let isRunning = false;
  let isAskedAgain = false;

  const run = async () => {
    do {
      isAskedAgain = false;
      showCertificates();
      await replaceAll();
    } while (isAskedAgain);
    isRunning = false;
  };

  /** In place, and first: a new certificate is not to wait for the last gateway's turn. */
  const showCertificates = () => {
    const read = readCertificates();
    if (read.kind === 'invalid') {
      log.error(
        { alarm: true },
        `reload: the certificates cannot be used, and the last good ones stay. ${read.sentence}`,
      );
      return;
    }
    setCertificates(read.texts);
    for (const gateway of gateways) gateway.refreshTls();
  };

  const replaceAll = async () => {
    generation++;
    const startedAt = performance.now();
    log.info({ generation, gateways: gateways.length }, 'reload: every gateway is replaced, one after the other');
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
      // At once, in the processes that end what they began too: whoever moved a file away waits for it.
      for (const gateway of gateways) gateway.reopenLogs();
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
