// Refusals before there was anybody to name: each counted, the log lines capped, nothing written to the store.
import { FAULTS, type FaultCode } from '#server/core/fault.ts';
import type { Logger } from '#server/log.ts';

const LINES_PER_SECOND = 20;

export type RefusalLog = {
  add(code: FaultCode, supportId: string, clientAddress: string): void;
  stop(): void;
};

export function createRefusalLog(log: Logger): RefusalLog {
  let lines = 0;
  const skipped = new Map<FaultCode, number>();
  const timer = setInterval(() => {
    lines = 0;
    if (skipped.size === 0) return;
    log.info({ refused: Object.fromEntries(skipped) }, 'more refusals than lines');
    skipped.clear();
  }, 1_000);
  timer.unref();
  return {
    add: (code, supportId, clientAddress) => {
      if (lines < LINES_PER_SECOND) {
        lines += 1;
        log.info({ access: supportId, reason: code, client: clientAddress, status: FAULTS[code].status }, 'refused');
      } else {
        skipped.set(code, (skipped.get(code) ?? 0) + 1);
      }
    },
    stop: () => clearInterval(timer),
  };
}
