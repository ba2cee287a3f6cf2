// The short code that a person types to say which command line is theirs (RFC 8628 §6.1).

/** Consonants alone: no word comes of them by chance, and none is taken for a digit. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
/** Random bytes for one code: so many more than it takes that no code is noticeably likelier than another. */
export const USER_CODE_BYTES = 16;

/** Eight letters of twenty, 34 bits: `WDJBMJHT`. Enough for ten minutes and a few tries, and not for more (RFC 8628 §5.1). */
export type UserCode = string & { readonly __brand: 'UserCode' };

export function writeUserCode(random: Uint8Array): UserCode {
  if (random.length < USER_CODE_BYTES) throw new TypeError('A user code needs more chance.');
  let left = random.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let code = '';
  while (code.length < LENGTH) {
    code += LETTERS[Number(left % 20n)];
    left /= 20n;
  }
  return code as UserCode;
}

/** As people type it: in any case, with hyphens and spaces anywhere. Null when it is none. */
export function parseUserCode(text: string): UserCode | null {
  if (text.length > 40) return null;
  const code = text.toUpperCase().replace(/[\s\p{Pd}]/gu, '');
  return code.length === LENGTH && [...code].every((letter) => LETTERS.includes(letter)) ? (code as UserCode) : null;
}

/** As it is shown: `WDJB-MJHT`. */
export function userCodeText(code: UserCode): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}
