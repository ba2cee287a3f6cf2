// Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305), over exactly the addresses given.
import { connect, type Socket } from 'node:net';
import type { Address } from '#server/core/address.ts';
import { Fault, type FaultCode } from '#server/core/fault.ts';

export type ConnectOptions = { port: number; timeoutMs: number; signal?: AbortSignal };

export type Connected = { socket: Socket; address: Address };

/** RFC 8305 §5, the recommended time that one attempt has for itself. */
const ATTEMPT_DELAY_MS = 250;

/** Rejects with a Fault when no address took the connection. The socket keeps an error listener, so that an early reset harms nobody. */
export function connectFirst(
  addresses: readonly Address[],
  { port, timeoutMs, signal }: ConnectOptions,
): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const waiting = [...addresses];
    const attempts = new Set<Socket>();
    const failures: string[] = [];
    let nextAttempt: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => lose('upstream-connect-timeout', `no answer within ${timeoutMs} ms`), timeoutMs);
    const abort = () => lose('upstream-closed', 'the caller went away');

    const settle = (winner: Socket | null) => {
      clearTimeout(deadline);
      clearTimeout(nextAttempt);
      signal?.removeEventListener('abort', abort);
      waiting.length = 0;
      for (const socket of attempts) if (socket !== winner) socket.destroy();
      attempts.clear();
    };
    const lose = (code: FaultCode, detail: string) => {
      settle(null);
      reject(new Fault(code, { detail: [detail, ...failures].join('; ') }));
    };
    const attempt = () => {
      clearTimeout(nextAttempt);
      const address = waiting.shift();
      if (address === undefined) return;
      // A literal address is never looked up again, and Node's own race would not know which addresses were checked.
      const socket = connect({
        host: address,
        port,
        autoSelectFamily: false,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
      });
      attempts.add(socket);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (!attempts.delete(socket)) return;
        failures.push(`${address}: ${error.code ?? error.message}`);
        if (waiting.length > 0) attempt();
        else if (attempts.size === 0) lose(codeOf(failures), 'every address failed');
      });
      socket.once('connect', () => {
        if (!attempts.has(socket)) return;
        settle(socket);
        resolve({ socket, address });
      });
      if (waiting.length > 0) nextAttempt = setTimeout(attempt, ATTEMPT_DELAY_MS);
    };

    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort, { once: true });
    attempt();
  });
}

/** A refusal shows that the network is there and the app is not, which says more than the other failures. */
function codeOf(failures: readonly string[]): FaultCode {
  if (failures.some((failure) => failure.endsWith('ECONNREFUSED'))) return 'upstream-refused';
  return failures.some((failure) => failure.endsWith('ETIMEDOUT'))
    ? 'upstream-connect-timeout'
    : 'upstream-unreachable';
}
