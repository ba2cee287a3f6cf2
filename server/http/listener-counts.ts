// How many connections a listener has, of which kind, and how many did not come about.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export type ListenerView = {
  /** Open now: in clear text; over TLS, those included that still shake hands; and those that speak HTTP by then. */
  clear: number;
  tls: number;
  tlsHttp1: number;
  tlsHttp2: number;
  /** HTTP/2 streams that are open now. */
  streams: number;
  /** Since the start: streams that ended by a reset, and connections that were told to calm down. */
  http2Resets: number;
  http2Floods: number;
  tlsHandshakeFailures: number;
  /** Past a limit, closed at once. */
  turnedAway: number;
};

export class ListenerCounts {
  clear = 0;
  tls = 0;
  tlsHttp1 = 0;
  tlsHttp2 = 0;
  tlsHandshakeFailures = 0;
  turnedAway = 0;

  accepted(socket: Socket, overTls: boolean): void {
    const kind = overTls ? 'tls' : 'clear';
    this[kind] += 1;
    socket.once('close', () => {
      this[kind] -= 1;
    });
  }

  shookHands(socket: TLSSocket): void {
    const kind = socket.alpnProtocol === 'h2' ? 'tlsHttp2' : 'tlsHttp1';
    this[kind] += 1;
    socket.once('close', () => {
      this[kind] -= 1;
    });
  }

  view(http2: Pick<ListenerView, 'streams'> & { resets: number; floods: number }): ListenerView {
    const { clear, tls, tlsHttp1, tlsHttp2, tlsHandshakeFailures, turnedAway } = this;
    const { streams, resets: http2Resets, floods: http2Floods } = http2;
    return { clear, tls, tlsHttp1, tlsHttp2, streams, http2Resets, http2Floods, tlsHandshakeFailures, turnedAway };
  }
}
