// Promises to gRPC: real clients and a real server speak through the gateway as if it were not there, until somebody may not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, suite, test } from 'node:test';
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { certificatesForTests } from './certificates.testing.ts';
import { httpServer, startGateway } from './gateway.testing.ts';
import { openHttp2 } from './http2-client.testing.ts';

/** Messages are bytes: what they mean is nobody's concern here. */
const asIs = (bytes: Buffer): Buffer => bytes;
const method = (path: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  ...{ path, requestStream, responseStream },
  ...{ requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs },
});
const SERVICE = {
  say: method('/test.Echo/Say', false, false),
  fail: method('/test.Echo/Fail', false, false),
  count: method('/test.Echo/Count', false, true),
  hang: method('/test.Echo/Hang', false, true),
  gather: method('/test.Echo/Gather', true, false),
  talk: method('/test.Echo/Talk', true, true),
};

const cancelled = new Set<() => void>();
/** Resolves when the next call that hangs learns that nobody waits for it any more. */
const nextCancelled = () => new Promise<void>((resolve) => cancelled.add(resolve));

const server = new Server({ 'grpc.max_receive_message_length': -1 });
server.addService(SERVICE, {
  say: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const trailers = new Metadata();
    trailers.set('x-seen', call.metadata.get('x-said').join(','));
    trailers.set('x-seen-bin', Buffer.from([0, 255, 1]));
    answer(null, call.request, trailers);
  },
  fail: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const metadata = new Metadata();
    metadata.set('x-why', 'gone');
    answer({ code: call.request[0] ?? status.UNKNOWN, details: 'Nothing here: 100 %, ü.', metadata });
  },
  count: (call: ServerWritableStream<Buffer, Buffer>) => {
    for (let i = 0; i < 200; i += 1) call.write(Buffer.alloc(i * 10, i));
    call.end();
  },
  hang: (call: ServerWritableStream<Buffer, Buffer>) => {
    call.on('cancelled', () => {
      for (const tell of cancelled) tell();
      cancelled.clear();
    });
    call.write(Buffer.from('begun'));
  },
  gather: (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const parts: Buffer[] = [];
    call.on('data', (part: Buffer) => parts.push(part));
    call.on('end', () => answer(null, Buffer.concat(parts)));
  },
  talk: (call: ServerDuplexStream<Buffer, Buffer>) => {
    call.on('data', (part: Buffer) => call.write(part));
    call.on('end', () => call.end());
  },
});
const upstream = await new Promise<number>((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
});
after(() => server.forceShutdown());

const gateway = await startGateway(
  { after },
  {
    scheme: 'https',
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream, protocol: 'h2' },
      { id: 'board', hosts: ['board.test'], upstream: 1, protocol: 'h2' },
    ],
  },
);
const { first } = await certificatesForTests();

function clientFor(host: string): Client {
  const client = new Client(`127.0.0.1:${gateway.port}`, credentials.createSsl(Buffer.from(first.cert)), {
    'grpc.ssl_target_name_override': host,
    'grpc.default_authority': host,
    'grpc.max_receive_message_length': -1,
    'grpc.enable_retries': 0,
  });
  after(() => client.close());
  return client;
}
const client = clientFor('wiki.test');
const session = gateway.signIn();

function signed(who = session, host = 'wiki.test'): Metadata {
  const metadata = new Metadata();
  metadata.set('cookie', gateway.cookie(who, host));
  metadata.set('x-said', 'hello');
  return metadata;
}

type Unary = { answer: Buffer | null; error: ServiceError | null; trailers: Metadata };

function unary(
  { path }: MethodDefinition<Buffer, Buffer>,
  message: Buffer,
  metadata = signed(),
  from = client,
): Promise<Unary> {
  return new Promise((resolve) => {
    let result: Omit<Unary, 'trailers'> = { answer: null, error: null };
    const call = from.makeUnaryRequest(path, asIs, asIs, message, metadata, {}, (error, answer) => {
      result = { answer: answer ?? null, error };
    });
    call.on('status', ({ metadata: trailers }) => setImmediate(() => resolve({ ...result, trailers })));
  });
}

const serverStream = ({ path }: MethodDefinition<Buffer, Buffer>, metadata = signed(), options = {}) =>
  client.makeServerStreamRequest(path, asIs, asIs, Buffer.alloc(0), metadata, options);

async function failure(
  stream: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>,
): Promise<ServiceError> {
  const [error] = await once(stream, 'error');
  return error;
}

suite('every kind of call', () => {
  test('unary: message, metadata and trailers pass, small and large', async () => {
    for (const message of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(3_000_000, 'x')]) {
      const { answer, error, trailers } = await unary(SERVICE.say, message);
      assert.equal(error, null);
      assert(answer?.equals(message));
      assert.deepEqual(trailers.get('x-seen'), ['hello']);
      assert.deepEqual(trailers.get('x-seen-bin'), [Buffer.from([0, 255, 1])]);
    }
  });

  test('server streaming: every message, in order', async () => {
    const lengths: number[] = [];
    for await (const message of serverStream(SERVICE.count)) lengths.push(message.length);
    assert.deepEqual(
      lengths,
      Array.from({ length: 200 }, (_, i) => i * 10),
    );
  });

  test('client streaming: every byte, in order', async () => {
    const sent = Array.from({ length: 100 }, (_, i) => Buffer.alloc(1_000 + i, i));
    const got = await new Promise<Buffer | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest(SERVICE.gather.path, asIs, asIs, signed(), (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
      for (const part of sent) call.write(part);
      call.end();
    });
    assert(got?.equals(Buffer.concat(sent)));
  });

  test('both ways: each word is answered before the next is said', async () => {
    const call = client.makeBidiStreamRequest(SERVICE.talk.path, asIs, asIs, signed());
    for (let i = 0; i < 50; i += 1) {
      call.write(Buffer.from(`word ${i}`));
      const [word] = await once(call, 'data');
      assert.equal(word.toString(), `word ${i}`);
    }
    call.end();
    const [end] = await once(call.resume(), 'status');
    assert.equal(end.code, status.OK);
  });

  test('a hundred calls at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => unary(SERVICE.say, Buffer.from(String(i)))),
    );
    assert.deepEqual(
      answers.map(({ answer }) => answer?.toString()),
      Array.from({ length: 100 }, (_, i) => String(i)),
    );
  });
});

suite('how a call ends', () => {
  test('an error is the app’s own: code, words and metadata', async () => {
    for (const code of [status.NOT_FOUND, status.PERMISSION_DENIED, status.DATA_LOSS]) {
      const { error } = await unary(SERVICE.fail, Buffer.from([code]));
      assert.equal(error?.code, code);
      assert.equal(error?.details, 'Nothing here: 100 %, ü.');
      assert.deepEqual(error?.metadata.get('x-why'), ['gone']);
    }
  });

  test('a method that the app does not have is UNIMPLEMENTED', async () => {
    const { error } = await unary(method('/test.Echo/Missing', false, false), Buffer.alloc(0));
    assert.equal(error?.code, status.UNIMPLEMENTED);
  });

  test('a cancelled call ends at the app at once', async () => {
    const ended = nextCancelled();
    const call = serverStream(SERVICE.hang);
    await once(call, 'data');
    const failed = failure(call);
    call.cancel();
    assert.equal((await failed).code, status.CANCELLED);
    await ended;
    await gateway.until(() => gateway.context.live.size === 0);
  });

  test('a deadline ends it at the app too', async () => {
    const ended = nextCancelled();
    const call = serverStream(SERVICE.hang, signed(), { deadline: Date.now() + 300 });
    const failed = failure(call.resume());
    assert.equal((await failed).code, status.DEADLINE_EXCEEDED);
    await ended;
  });

  test('W11: a session that ends takes its open calls with it, on both sides', async () => {
    const who = gateway.signIn();
    const ended = nextCancelled();
    const call = serverStream(SERVICE.hang, signed(who));
    await once(call, 'data');
    const failed = failure(call);
    gateway.sessions.delete(who.id);
    await gateway.changed({ kind: 'session', id: who.id });
    assert.notEqual((await failed).code, status.OK);
    await ended;
    const { error } = await unary(SERVICE.say, Buffer.alloc(0), signed(who));
    assert.equal(error?.code, status.UNAUTHENTICATED);
  });

  test('C14: nobody signed in is UNAUTHENTICATED, an app that is down is UNAVAILABLE', async () => {
    assert.equal((await unary(SERVICE.say, Buffer.alloc(0), new Metadata())).error?.code, status.UNAUTHENTICATED);
    const down = clientFor('board.test');
    const { error } = await unary(SERVICE.say, Buffer.alloc(0), signed(session, 'board.test'), down);
    assert.equal(error?.code, status.UNAVAILABLE);
  });
});

test('gRPC-web: frames pass as they come, the trailers in the body included', async (t) => {
  const message = Buffer.from('0000000005', 'hex');
  const trailers = Buffer.from('grpc-status: 0\r\n');
  const last = Buffer.concat([Buffer.from([0x80, 0, 0, 0, trailers.length]), trailers]);
  const goOn = Promise.withResolvers<void>();
  const port = await httpServer(t, (request, response) => {
    assert.equal(request.headers['content-type'], 'application/grpc-web+proto');
    response.writeHead(200, { 'Content-Type': 'application/grpc-web+proto' });
    request.on('data', (chunk: Buffer) => response.write(chunk));
    request.on('end', () => goOn.promise.then(() => response.end(last)));
  });
  const web = await startGateway(t, { scheme: 'https', apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
  const browser = await openHttp2(web.port, 'wiki.test');
  const sent = Buffer.concat([message, Buffer.from('hello')]);
  const stream = browser.request({
    ':method': 'POST',
    ':path': '/test.Echo/Say',
    'content-type': 'application/grpc-web+proto',
    'x-grpc-web': '1',
    cookie: web.cookie(web.signIn(), 'wiki.test'),
  });
  stream.end(sent);
  const [begun] = await once(stream, 'data');
  assert(begun.equals(sent), 'the message comes before the answer’s end');
  goOn.resolve();
  const [end] = await once(stream, 'data');
  assert(end.equals(last));
  browser.destroy();
});
