// The fields that an exchange of either protocol has from its request's head.
import type { Hostname } from '#server/core/hostname.ts';
import type { RequestHead } from './exchange.ts';
import { newSupportId } from './support-id.ts';

/** A request head as far as the wire and the listener tell it; the support id is drawn here. */
export type AdmittedHead = Omit<RequestHead, 'supportId' | 'protocol'>;

export abstract class RequestParts implements RequestHead {
  readonly supportId = newSupportId();
  readonly protocol: RequestHead['protocol'];
  readonly scheme: 'http' | 'https';
  readonly method: string;
  readonly target: string;
  readonly hostname: Hostname;
  readonly headers: readonly string[];
  readonly clientAddress: string;
  readonly receivedAt: number;

  constructor(protocol: RequestHead['protocol'], head: AdmittedHead) {
    this.protocol = protocol;
    this.scheme = head.scheme;
    this.method = head.method;
    this.target = head.target;
    this.hostname = head.hostname;
    this.headers = head.headers;
    this.clientAddress = head.clientAddress;
    this.receivedAt = head.receivedAt;
  }
}
