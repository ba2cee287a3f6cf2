// A client that sends exactly the bytes it is given, and reads answers without a library's opinion.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type RawAnswer = { status: number; headers: string[]; body: string; text: string };

export type RawClient = {
  socket: Socket;
  write(bytes: string | Buffer): void;
  /** The next whole answer. Rejects when the connection ends before it is whole. */
  answer(options?: { head?: boolean }): Promise<RawAnswer>;
  /** Everything that came until the connection closed. */
  rest(): Promise<string>;
  /** Resolves when what has come so far satisfies a condition. */
  when(holds: (text: string) => boolean): Promise<string>;
  closed: Promise<void>;
};

export async function rawClient(port: number, tls?: { servername: string; alpn?: string[] }): Promise<RawClient> {
  const socket = tls
    ? connectTls({
        port,
        host: '127.0.0.1',
        servername: tls.servername,
        rejectUnauthorized: false,
        ALPNProtocols: tls.alpn ?? ['http/1.1'],
      })
    : connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve());
    socket.once('error', reject);
  });
  let text = '';
  let over = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      over = true;
      wake();
      resolve();
    });
  });
  const wait = <Result>(attempt: () => Result | null): Promise<Result> =>
    new Promise((resolve, reject) => {
      const check = () => {
        const result = attempt();
        if (result === null && !over) return;
        waiting.delete(check);
        if (result === null) reject(new Error(`The connection closed after: ${JSON.stringify(text.slice(0, 400))}`));
        else resolve(result);
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    answer: (options = {}) =>
      wait(() => {
        const parsed = parseAnswer(text, over, options.head === true);
        if (!parsed) return null;
        text = text.slice(parsed.length);
        return parsed.answer;
      }),
    rest: async () => {
      await closed;
      return text;
    },
    when: (holds) => wait(() => (holds(text) ? text : null)),
  };
}

/** Sends bytes and gives everything that came back until the gateway closed. */
export async function exchangeRaw(port: number, bytes: string | Buffer): Promise<string> {
  const client = await rawClient(port);
  client.write(bytes);
  return client.rest();
}

export function header(headers: readonly string[], name: string): string | null {
  return headersOf(headers, name)[0] ?? null;
}

export function headersOf(headers: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === name) values.push(headers[i + 1] ?? '');
  return values;
}

function parseAnswer(text: string, over: boolean, isHead: boolean): { answer: RawAnswer; length: number } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const from = end + 4;
  const done = (body: string, length: number) => ({
    answer: { status, headers, body, text: text.slice(0, length) },
    length,
  });
  if (isHead || status < 200 || status === 204 || status === 304) return done('', from);
  const length = header(headers, 'content-length');
  if (length !== null) {
    const to = from + Number(length);
    return text.length < to ? null : done(text.slice(from, to), to);
  }
  if (header(headers, 'transfer-encoding') === 'chunked') {
    let body = '';
    let at = from;
    for (;;) {
      const line = text.indexOf('\r\n', at);
      if (line === -1) return null;
      const size = Number.parseInt(text.slice(at, line), 16);
      const next = line + 2 + size + 2;
      if (text.length < next) return null;
      body += text.slice(line + 2, line + 2 + size);
      at = next;
      if (size === 0) return done(body, at);
    }
  }
  return over ? done(text.slice(from), text.length) : null;
}
