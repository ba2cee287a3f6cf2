// Reads a small urlencoded form, and no more of it than is allowed.
import { Fault } from '#server/core/fault.ts';
import type { Exchange } from './exchange.ts';
import { headerValue } from './header-names.ts';

/** The fields of an `application/x-www-form-urlencoded` body of at most `maxBytes`. */
export async function readForm(exchange: Exchange, maxBytes: number): Promise<URLSearchParams> {
  const type = headerValue(exchange.headers, 'content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) || exchange.body === null) {
    throw new Fault('bad-request', { detail: 'Not a form.' });
  }
  exchange.allowBody();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of exchange.body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Fault('bad-request', { detail: 'The form is too large.' });
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('latin1'));
}
