// Files of authorities (PEM) that are trusted beside the system's. Node itself only warns of one that it cannot use, and goes on without it.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** `why` goes into brackets. */
export type ReadAuthorities = { kind: 'authorities'; pem: string } | { kind: 'invalid'; why: string };

export function readAuthorities(file: string): ReadAuthorities {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    return { kind: 'invalid', why: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
  try {
    new X509Certificate(pem);
    createSecureContext({ ca: pem });
    return { kind: 'authorities', pem };
  } catch {
    return { kind: 'invalid', why: 'it holds no certificate' };
  }
}
