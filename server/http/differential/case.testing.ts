// What one case of the differential run is: a template of the bytes to send, and the answer that the upstream gives.
import type { Answer } from './echo-upstream.testing.ts';

/**
 * latin1 text, in which `{sign}` becomes the lines X-Case and Cookie, `{case}` the line X-Case alone and `{cookies a=1}` the
 * line Cookie with others in it; or a wait for what the proxy says before it gets more.
 */
export type RequestPart = string | { wait: '1xx' | 'answer' };

export type Case = {
  /** Unique. The known differences name cases by it: the text before the first colon is its group. */
  name: string;
  /** Of the request that is answered: the end of an answer depends on it. */
  method: string;
  request: readonly RequestPart[];
  answer?: Answer;
  /** How many answers to expect; 1 when left out. */
  answers?: number;
};

/** An HTTP/2 request by fields. `answer` is what the HTTP/1.1 upstream says. */
export type Http2Case = {
  name: string;
  /** Pseudo-fields that differ from GET / and the fields behind them, in order; `cookie` fields get the signed-in person's first. */
  fields: readonly (readonly [string, string])[];
  /** Null sends END_STREAM with the head. */
  body?: readonly string[];
  trailers?: readonly (readonly [string, string])[];
  answer?: Answer;
};

export function fillIn(template: string, id: string, grant: string | null): string {
  const cookie = (others: string) => {
    const all = [...(grant === null ? [] : [grant]), ...(others === '' ? [] : [others])].join('; ');
    return all === '' ? '' : `Cookie: ${all}\r\n`;
  };
  return template.replace(/\{(sign|case|cookies ?)([^}]*)\}/g, (_word, what, others) => {
    if (what === 'sign') return `X-Case: ${id}\r\n${cookie('')}`;
    return what === 'case' ? `X-Case: ${id}\r\n` : cookie(others);
  });
}

/** A well-formed request with these lines behind Host. */
export function request(
  method: string,
  target: string,
  lines: readonly string[] = [],
  body = '',
  version = '1.1',
): string {
  return `${method} ${target} HTTP/${version}\r\nHost: wiki.test\r\n{sign}${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
}

/** One answer, sent when the whole request is there. `X-Up` says that it is the upstream's. */
export function answer(status: string, lines: readonly string[], body = '', close?: 'end' | 'reset'): Answer {
  const bytes = `HTTP/1.1 ${status}\r\nX-Up: 1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
  return [{ after: 'body', bytes, close }];
}

export function chunked(...chunks: readonly string[]): string {
  return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;
}
