// How sign-in providers are asked: over checked addresses only, and for no more bytes and time than their answers need (threats.md F5).
import { lookup as lookupName } from 'node:dns';
import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { parseAddress } from '#server/core/address.ts';
import { type AddressRefusal, checkService, type OwnHost } from '#server/core/check-address.ts';

/** Discovery documents and key sets have some ten kilobytes. */
const MAX_BYTES = 1024 * 1024;
/** A whole exchange; a provider that says a byte now and then is not waited for. */
const MAX_MS = 15_000;

/** What is said of where a provider's host leads; never to the person who signs in. */
const WHERE: Partial<Record<AddressRefusal, string>> = {
  'own-listener': 'where Foyer itself listens',
  metadata: 'a cloud’s metadata service',
};

/** The provider is not asked at all. */
export class RefusedProvider extends Error {
  readonly code = 'EREFUSEDADDRESS';

  constructor(host: string, address: string, refusal: AddressRefusal) {
    const where = WHERE[refusal] ?? `a ${refusal} address`;
    super(
      `${host} leads to ${address}, ${where}, and is not asked. Correct the provider’s issuer, or that name’s record.`,
    );
  }
}

export type ProviderAgentOptions = {
  own: OwnHost;
  /** As `dns.lookup` with `all`. */
  lookup?: typeof lookupName;
  maxBytes?: number;
  maxMs?: number;
};

/** Of requests by http or by https; each has a connection of its own, to an address that was checked after the name was looked up, once. */
export class ProviderAgent extends Agent {
  readonly #options: Required<ProviderAgentOptions>;
  readonly #isSecure: boolean;

  /** `protocol` as URLs have it, `https:`. */
  constructor(
    protocol: string,
    { own, lookup = lookupName, maxBytes = MAX_BYTES, maxMs = MAX_MS }: ProviderAgentOptions,
  ) {
    super({ keepAlive: false });
    this.#options = { own, lookup, maxBytes, maxMs };
    this.#isSecure = protocol === 'https:';
    // What Node's own agents have, and what it goes by for a URL without a port.
    Object.assign(this, { protocol, defaultPort: this.#isSecure ? 443 : 80 });
  }

  override createConnection(
    options: ClientRequestArgs,
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const host = (options.host ?? '').replace(/^\[|\]$/g, '');
    const port = Number(options.port);
    const problem = this.#problem(host, host, port);
    if (problem) return void done(problem, undefined as never);
    const at = { ...(options as ConnectionOptions), host, port, lookup: this.#checkedLookup(port) };
    const socket = this.#isSecure ? connectTls(at) : connect(at);
    this.#limit(socket);
    done(null, socket);
  }

  /** Null also for what is a name. */
  #problem(host: string, text: string, port: number): RefusedProvider | null {
    const address = isIP(text) === 0 ? null : parseAddress(text);
    const refusal = address && checkService(address, port, this.#options.own);
    return refusal ? new RefusedProvider(host, text, refusal) : null;
  }

  /** What is checked is what is connected to. */
  #checkedLookup(port: number): LookupFunction {
    return (host, options, done) => {
      this.#options.lookup(host, { ...options, all: true }, (error, found) => {
        if (error) return done(error, []);
        const problems = found.map(({ address }) => this.#problem(host, address, port));
        const allowed = found.filter((_, at) => problems[at] === null);
        const [first] = allowed;
        if (!first) return done(problems.find((each) => each !== null) ?? new Error(`${host} has no address.`), []);
        if (options.all) done(null, allowed);
        else done(null, first.address, first.family);
      });
    };
  }

  #limit(socket: Socket): void {
    const { maxBytes, maxMs } = this.#options;
    const tooLong = new Error(`The provider’s answer was not whole after ${maxMs / 1000} s.`);
    const timer = setTimeout(() => socket.destroy(tooLong), maxMs);
    socket.once('close', () => clearTimeout(timer));
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) socket.destroy(new Error(`The provider’s answer has more than ${maxBytes} bytes.`));
    });
  }
}
