// Asks one query by UDP from a socket of its own, so that port and id both have to be guessed (RFC 5452 §4.5).
import { createSocket } from 'node:dgram';
import { familyOf } from '#server/core/address.ts';
import { type Ask, type ExchangeResult, isReplyTo } from './query.ts';
import { decode, encode } from './wire.ts';

export const askUdp: Ask = (server, query, until) =>
  new Promise((resolve) => {
    if (until.aborted) {
      resolve({ kind: 'failed', reason: 'aborted' });
      return;
    }
    const socket = createSocket(familyOf(server.address) === 4 ? 'udp4' : 'udp6');
    const finish = (result: ExchangeResult) => {
      until.removeEventListener('abort', abort);
      socket.off('error', unreachable).on('error', () => {});
      socket.close();
      resolve(result);
    };
    const abort = () => finish({ kind: 'failed', reason: 'aborted' });
    const unreachable = () => finish({ kind: 'failed', reason: 'unreachable' });
    until.addEventListener('abort', abort, { once: true });
    socket.once('error', unreachable);
    // A connected socket takes packets from this server's address and port only, and hears ICMP errors. Where there is no route, a callback of
    // `connect` would be given the error, and nobody else.
    socket.once('connect', () => socket.send(encode(query)));
    socket.connect(server.port, server.address);
    socket.on('message', (bytes) => {
      const decoded = decode(bytes);
      // What is wrong is ignored, and the right answer may still come (D6).
      if (decoded.kind === 'message' && isReplyTo(query, decoded.message))
        finish({ kind: 'answered', message: decoded.message, transport: 'udp' });
    });
  });
