// Sends HTTP/2 cases through one proxy, by node:http2 or frame by frame, and says the same as for HTTP/1.1.
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { openHttp2 } from '../http2-client.testing.ts';
import { frame, literals, PREFACE } from '../http2-frames.testing.ts';
import { PLAIN_ANSWER } from './echo-upstream.testing.ts';
import type { Field, Http2Case, RawHttp2Case } from './http2-cases.testing.ts';
import type { Message } from './message.testing.ts';
import type { Observation } from './observe.testing.ts';
import type { Intermediary } from './proxies.testing.ts';

const HANG_MS = 15_000;
const GET: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'wiki.test'],
  [':path', '/'],
];

/** A client that keeps its connection as long as the proxy does. */
export function http2Observer(proxy: Intermediary): {
  observe(one: Http2Case, id: string): Promise<Observation>;
  close(): void;
} {
  let session: ClientHttp2Session | null = null;
  return {
    observe: async (one, id) => {
      proxy.upstream.script(id, one.answer ?? PLAIN_ANSWER);
      if (!session || session.closed || session.destroyed) session = await openHttp2(proxy.tlsPort, 'wiki.test');
      const answers = await ask(
        session,
        one,
        fieldsOf(one, id, proxy.tlsGrant),
        `${one.name}: hangs through ${proxy.name}`,
      );
      const upstream = await proxy.upstream.taken();
      return { upstream, answers, rest: '', reused: !session.closed && !session.destroyed };
    },
    close: () => session?.destroy(),
  };
}

function fieldsOf({ fields = [] }: Http2Case, id: string, grant: string | null): string[] {
  const replaced = new Map(fields.filter(([name]) => name.startsWith(':')));
  const pseudo = GET.map(([name, value]) => [name, replaced.get(name) ?? value]);
  return [...pseudo, ...signed(id, grant), ...fields.filter(([name]) => !name.startsWith(':'))].flat();
}

function signed(id: string, grant: string | null): Field[] {
  return [['x-case', id], ...(grant === null ? [] : [['cookie', grant] as const])];
}

function ask(session: ClientHttp2Session, one: Http2Case, fields: string[], hangs: string): Promise<Message[]> {
  const { body, trailers } = one;
  const stream = session.request(fields, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
  const messages: Message[] = [];
  const add = (_headers: unknown, _flags: unknown, raw: string[]): void => void messages.push(messageOf(raw));
  stream.on('headers', add);
  stream.on('response', add);
  stream.on('trailers', (_headers: unknown, _flags: unknown, raw: string[]) => {
    const last = messages.at(-1);
    if (last) last.trailers = raw;
  });
  stream.on('data', (chunk: Buffer) => {
    const last = messages.at(-1);
    if (last) last.body += chunk.toString('latin1');
  });
  if (trailers) stream.on('wantTrailers', () => stream.sendTrailers(Object.fromEntries(trailers)));
  for (const part of body ?? []) stream.write(part, 'latin1');
  if (body) stream.end();
  return settled(stream, messages, hangs);
}

function settled(stream: ClientHttp2Stream, messages: Message[], hangs: string): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    const hang = setTimeout(() => reject(new Error(hangs)), HANG_MS);
    let ended = false;
    stream.on('end', () => {
      ended = true;
    });
    stream.on('error', () => {});
    stream.once('close', () => {
      clearTimeout(hang);
      const last = messages.at(-1);
      if (last) last.complete = ended && stream.rstCode === constants.NGHTTP2_NO_ERROR;
      resolve(last ? messages : [reset()]);
    });
  });
}

function messageOf(raw: readonly string[]): Message {
  const status = raw[raw.indexOf(':status') + 1];
  const headers = raw.filter((_text, i) => !raw[i - (i % 2)]?.startsWith(':'));
  return { start: `HTTP/2 ${status}`, headers, framing: 'none', body: '', trailers: [], complete: true, length: 0 };
}

function reset(): Message {
  return { ...messageOf([':status', '0']), complete: false };
}

/** One field section in literals, whatever stands in it; the answer is not decoded, only whether there is one. */
export async function observeRawHttp2(proxy: Intermediary, one: RawHttp2Case, id: string): Promise<Observation> {
  const { body } = one;
  const fields = one.fields.flatMap((field) => (field[0] === '{sign}' ? signed(id, proxy.tlsGrant) : [field]));
  const frames = [frame(1, body ? 0x4 : 0x5, 1, literals(fields))];
  for (const [i, part] of (body ?? []).entries())
    frames.push(frame(0, i === (body?.length ?? 0) - 1 ? 1 : 0, 1, Buffer.from(part, 'latin1')));
  const socket = connectTls({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    servername: 'wiki.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => {});
  socket.write(Buffer.concat([PREFACE, ...frames]));
  const said = await new Promise<string>((resolve, reject) => {
    const hang = setTimeout(() => reject(new Error(`${one.name}: hangs through ${proxy.name}`)), HANG_MS);
    let bytes = Buffer.alloc(0);
    const finish = (what: string) => {
      clearTimeout(hang);
      resolve(what);
    };
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const what = verdict(bytes);
      if (what) finish(what);
    });
    socket.once('close', () => finish('closed'));
  });
  socket.destroy();
  const upstream = await proxy.upstream.taken();
  const answered = {
    ...messageOf([':status', said]),
    headers: said === 'answered' && upstream.length > 0 ? ['x-up', '1'] : [],
  };
  return { upstream, answers: [answered], rest: '', reused: false };
}

/** The first frame that decides: HEADERS answers, RST_STREAM and GOAWAY refuse. */
function verdict(bytes: Buffer): string | null {
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    const type = bytes[at + 3];
    if (type === 1) return 'answered';
    if (type === 3 || type === 7) return 'refused';
  }
  return null;
}
