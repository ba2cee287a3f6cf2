// Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305), over exactly the addresses given.
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '#server/core/app.ts';
import { Fault, type FaultCode } from '#server/core/fault.ts';

export type ConnectFirstOptions = {
  timeoutMs: number;
  signal?: AbortSignal;
  /** Called for each endpoint that failed, or that had its time for itself and was overtaken; `why` is a fault's code. */
  onFailed?(endpoint: Endpoint, why: FaultCode): void;
};

export type ConnectedFirst = { socket: Socket; endpoint: Endpoint };

/** RFC 8305 §5, the recommended time that one attempt has for itself. */
const ATTEMPT_DELAY_MS = 250;

/** Rejects with a Fault when no address took the connection. The socket keeps an error listener, so that an early reset harms nobody. */
export function connectFirst(
  endpoints: readonly Endpoint[],
  { timeoutMs, signal, onFailed }: ConnectFirstOptions,
): Promise<ConnectedFirst> {
  return new Promise((resolve, reject) => {
    const waiting = [...endpoints];
    const attempts = new Map<Socket, Endpoint>();
    const failures: string[] = [];
    let nextAttempt: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => lose('upstream-connect-timeout', `no answer within ${timeoutMs} ms`), timeoutMs);
    const abort = () => lose('upstream-closed', 'the caller went away');

    const settle = (winner: Socket | null) => {
      clearTimeout(deadline);
      clearTimeout(nextAttempt);
      signal?.removeEventListener('abort', abort);
      waiting.length = 0;
      for (const socket of attempts.keys()) if (socket !== winner) socket.destroy();
      attempts.clear();
    };
    const lose = (code: FaultCode, detail: string) => {
      if (code === 'upstream-connect-timeout') for (const endpoint of attempts.values()) onFailed?.(endpoint, code);
      settle(null);
      reject(new Fault(code, { detail: [detail, ...failures].join('; ') }));
    };
    const attempt = () => {
      clearTimeout(nextAttempt);
      const endpoint = waiting.shift();
      if (endpoint === undefined) return;
      const { address, port } = endpoint;
      // A literal address is never looked up again, and Node's own race would not know which addresses were checked.
      const socket = connect({
        host: address,
        port,
        autoSelectFamily: false,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
      });
      attempts.set(socket, endpoint);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (!attempts.delete(socket)) return;
        failures.push(`${address}: ${error.code ?? error.message}`);
        onFailed?.(endpoint, codeOf(failures.slice(-1)));
        if (waiting.length > 0) attempt();
        else if (attempts.size === 0) lose(codeOf(failures), 'every address failed');
      });
      socket.once('connect', () => {
        if (!attempts.has(socket)) return;
        // Attempts are in the order of their beginning: those before this one have had their time.
        for (const [other, slower] of attempts) {
          if (other === socket) break;
          onFailed?.(slower, 'upstream-connect-timeout');
        }
        settle(socket);
        resolve({ socket, endpoint });
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
