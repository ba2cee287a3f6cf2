// HTTP/2 frames by hand, for what no client library sends.
import { connect } from 'node:tls';
import { FRAME } from './wire/http2-frame.ts';

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const headBytes = Buffer.alloc(9);
  headBytes.writeUIntBE(payload.length, 0, 3);
  headBytes[3] = type;
  headBytes[4] = flags;
  headBytes.writeUInt32BE(stream, 5);
  return Buffer.concat([headBytes, payload]);
}

/** Header fields as HPACK literals without indexing (RFC 7541 §6.2.2). */
export function literals(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => {
      const nameBytes = Buffer.from(name, 'latin1');
      const valueBytes = Buffer.from(value, 'latin1');
      return [Buffer.from([0]), integer(nameBytes.length), nameBytes, integer(valueBytes.length), valueBytes];
    }),
  );
}

function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let left = value - 127;
  for (; left >= 128; left >>= 7) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}

/** The connection preface with empty SETTINGS (RFC 9113 §3.4). */
export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);

export { FRAME };

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export type FrameClient = {
  write(bytes: Buffer): void;
  /** Sends what `build` gives until the gateway closes, or so many were sent. Gives how many. */
  flood(build: (i: number) => Buffer, atMost: number): Promise<number>;
  /** Codes of the RST_STREAM frames that came, by their number. */
  resets: Map<number, number>;
  /** The first GOAWAY's code, null without one. */
  goaway(): number | null;
  /** Resolves when a GOAWAY came or the connection is closed. */
  toldOff: Promise<void>;
  /** How many frames of a type came. */
  count(type: number): number;
  /** Payloads of the first few frames of a type, on one stream. */
  payloads(type: number, stream: number): Buffer[];
  /** Stops or goes on reading. */
  pause(): void;
  resume(): void;
  end(): void;
  closed: Promise<void>;
};

/** A connection that chose `h2` and has sent nothing. */
export async function frameClient(port: number, servername: string): Promise<FrameClient> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
  });
  const resets = new Map<number, number>();
  const counts = new Map<number, number>();
  const first: { type: number; stream: number; payload: Buffer }[] = [];
  let goaway: number | null = null;
  let rest: Buffer = Buffer.alloc(0);
  const { promise: toldOff, resolve: tellOff } = Promise.withResolvers<void>();
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      tellOff();
      resolve();
    }),
  );
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const length = rest.readUIntBE(0, 3);
      const type = rest[3] ?? 0;
      counts.set(type, (counts.get(type) ?? 0) + 1);
      if (first.length < 40) first.push({ type, stream: rest.readUInt32BE(5), payload: rest.subarray(9, 9 + length) });
      if (type === FRAME.reset) {
        const code = rest.readUInt32BE(9);
        resets.set(code, (resets.get(code) ?? 0) + 1);
      }
      if (type === FRAME.goaway) {
        goaway ??= rest.readUInt32BE(13);
        tellOff();
      }
      rest = rest.subarray(9 + length);
    }
  });
  const room = (): Promise<void> =>
    new Promise((resolve) => {
      socket.once('drain', resolve);
      socket.once('close', resolve);
    });
  return {
    write: (bytes) => void socket.write(bytes),
    flood: async (build, atMost) => {
      let sent = 0;
      while (sent < atMost && !socket.destroyed) {
        const batch: Buffer[] = [];
        for (let i = 0; i < 50 && sent < atMost; i += 1) {
          batch.push(build(sent));
          sent += 1;
        }
        if (!socket.write(Buffer.concat(batch)) && !socket.destroyed) await room();
        else await new Promise((resolve) => setImmediate(resolve));
      }
      return sent;
    },
    resets,
    goaway: () => goaway,
    toldOff,
    count: (type) => counts.get(type) ?? 0,
    payloads: (type, stream) =>
      first.flatMap((each) => (each.type === type && each.stream === stream ? [each.payload] : [])),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroy(),
    closed,
  };
}
