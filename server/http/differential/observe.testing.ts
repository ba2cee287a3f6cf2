// Sends one case through one proxy over HTTP/1.1, and says what arrived upstream and what came back.
import { connect } from 'node:net';
import { type Case, fillIn } from './case.testing.ts';
import { PLAIN_ANSWER } from './echo-upstream.testing.ts';
import { answerBody, isInformational, type Message, readMessage, valuesOf } from './message.testing.ts';
import type { Intermediary } from './proxies.testing.ts';

export type Observation = {
  /** Every request that the upstream got, the probe left out. */
  upstream: Message[];
  /** Every message that came back, 1xx included, the probe's left out. */
  answers: Message[];
  /** What is left of the stream when no message can be read off it any more. */
  rest: string;
  /** Whether the same connection took another request afterwards. */
  reused: boolean;
};

/** How long a case may take before it counts as a hang: longer than each proxy's own patience. */
const HANG_MS = 15_000;
const PROBE = 'probe';

export async function observe(proxy: Intermediary, one: Case, id: string): Promise<Observation> {
  const fill = (template: string): string => fillIn(template, id, proxy.grant);
  proxy.upstream.script(id, one.answer ?? PLAIN_ANSWER);
  proxy.upstream.script(PROBE, PLAIN_ANSWER);
  const client = await openClient(proxy.port, `${one.name}: hangs through ${proxy.name}`);
  try {
    for (const part of one.request) {
      if (typeof part === 'string') client.write(fill(part));
      else await (part.wait === '1xx' ? client.messages(1) : client.finals(one.method, 1));
    }
    await client.finals(one.method, one.answers ?? 1);
    client.write(
      fillIn('GET /probe HTTP/1.1\r\nHost: wiki.test\r\n{sign}Connection: close\r\n\r\n', PROBE, proxy.grant),
    );
    const { messages, rest } = await client.all(one.method);
    client.destroy();
    const arrived = await proxy.upstream.taken();
    const upstream = arrived.filter(({ headers }) => valuesOf(headers, 'x-case')[0] !== PROBE);
    const reused = upstream.length < arrived.length;
    return { upstream, answers: reused ? messages.slice(0, -1) : messages, rest, reused };
  } finally {
    client.destroy();
  }
}

async function openClient(port: number, hangs: string) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let text = '';
  let over = false;
  let wake = () => {};
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake();
  });
  for (const event of ['end', 'close'] as const) {
    socket.on(event, () => {
      over = true;
      wake();
    });
  }

  /** Resolves when the condition holds or nothing more will come. */
  function when(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const hang = setTimeout(() => reject(new Error(`${hangs}: ${JSON.stringify(text.slice(0, 400))}`)), HANG_MS);
      wake = () => {
        if (!holds() && !over) return;
        clearTimeout(hang);
        resolve();
      };
      wake();
    });
  }

  const read = (method: string) => readAnswers(text, over, method);
  return {
    write: (bytes: string) => void socket.write(bytes, 'latin1'),
    destroy: () => socket.destroy(),
    messages: (count: number) => when(() => read('GET').messages.length >= count),
    finals: (method: string, count: number) =>
      when(() => {
        const { messages, rest } = read(method);
        const finals = messages.filter(({ complete, start }) => complete && !isInformational(start));
        return finals.length >= count || !'HTTP/1.1'.startsWith(rest.slice(0, 5));
      }),
    all: async (method: string) => {
      await when(() => false);
      return read(method);
    },
  };
}

/** `method` is that of the first request; those behind it are no HEAD. */
function readAnswers(text: string, over: boolean, method: string): { messages: Message[]; rest: string } {
  const messages: Message[] = [];
  let rest = text;
  let asked = method;
  for (;;) {
    const message = readMessage(rest, over, answerBody(asked));
    if (!message) return { messages, rest };
    messages.push(message);
    rest = rest.slice(message.length);
    if (!message.complete) return { messages, rest };
    if (!isInformational(message.start)) asked = 'GET';
  }
}
