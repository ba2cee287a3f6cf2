// A text of one's own: engines keep a part of a text as a view, and with it the whole that it was cut from.

/**
 * The same text, as an object that holds nothing else in memory: for what is remembered longer than its message. Only for
 * Latin-1, as headers are: anything else would become another text.
 */
export function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
