// This installation's pseudonym in Via headers (RFC 9110 §7.6.3): the same in every process, and a word of ours alone.
import { deriveKey } from './seal.ts';

export function viaPseudonym(secret: Buffer): string {
  return `foyer-${deriveKey(secret, 'via/1').toString('hex', 0, 4)}`;
}
