// How a program ends: the first SIGTERM or SIGINT in order, a second one at once, a bug of its own in order too; SIGHUP reloads.
import type { Logger } from './log.ts';

export type SignalActions = {
  /** Settles when every child is gone. */
  stop(): Promise<void>;
  /** Ends every child now; the process exits right after. */
  kill(): void;
  reload(): void;
};

/** One Ctrl-C arrives several times: from the terminal, and again from npm and every wrapper in between. */
const SAME_KEY_PRESS_MS = 500;

export function endOnSignals(actions: SignalActions, nowMs: () => number = () => performance.now()): void {
  let stoppingSince: number | null = null;
  const end = (signal: 'SIGTERM' | 'SIGINT') => {
    if (stoppingSince === null) {
      stoppingSince = nowMs();
      void actions.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`Foyer could not end in order: ${String(error)}\n`);
          actions.kill();
          process.exit(1);
        },
      );
      return;
    }
    if (signal === 'SIGINT' && nowMs() - stoppingSince < SAME_KEY_PRESS_MS) return;
    actions.kill();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGHUP', () => actions.reload());
}

/**
 * The last resort for an error that nobody handled: said, drained, ended with a code that makes whoever supervises start again.
 * Another such error is only said: what is still served is not to be cut because of it.
 */
export function endOnBug(actions: Pick<SignalActions, 'stop'>, log: Logger): void {
  let isEnding = false;
  const end = (err: unknown) => {
    log.fatal({ err, alarm: true }, 'an error that nobody handled: ending in order');
    if (isEnding) return;
    isEnding = true;
    void actions.stop().finally(() => process.exit(1));
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
