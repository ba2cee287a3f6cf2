// Reads a small urlencoded form, and no more of it than is allowed, in no more time than is allowed.
import { Fault, isFault } from '#server/core/fault.ts';
import type { Exchange } from './exchange.ts';
import { headerValue } from './header-names.ts';
import type { Limits } from './limits.ts';

/** The fields of an `application/x-www-form-urlencoded` body. */
export async function readForm(
  exchange: Exchange,
  limits: Pick<Limits, 'handshakeBodyBytes' | 'requestBodyIdleMs'>,
): Promise<URLSearchParams> {
  const { body } = exchange;
  const type = headerValue(exchange.headers, 'content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) || body === null) {
    throw new Fault('bad-request', { detail: 'Not a form.' });
  }
  exchange.allowBody();
  const late = setTimeout(() => body.destroy(new Fault('request-timeout')), limits.requestBodyIdleMs);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > limits.handshakeBodyBytes) throw new Fault('bad-request', { detail: 'The form is too large.' });
      chunks.push(chunk);
    }
    return new URLSearchParams(Buffer.concat(chunks).toString('latin1'));
  } catch (cause) {
    throw isFault(cause) ? cause : new Fault('bad-request', { detail: 'The form broke off.', cause });
  } finally {
    clearTimeout(late);
  }
}
