// The promises of maintenance: people read the app's own text on a page, programs in a problem document, and both come back later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHostname } from '#server/core/hostname.ts';
import { parsePortal } from '#server/core/snapshot.ts';
import { newOutcome } from './access-log.ts';
import type { Exchange } from './exchange.ts';
import { headerValue } from './header-names.ts';
import { replyMaintenance } from './maintenance.ts';

const TEXT = 'We move the <wiki>.\r\n\r\nBack at 14:00 — “promised”.';

test('people get a page with every line of the text, as text', () => {
  const answer = answerTo(['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document']);
  assert.equal(answer.status, 503);
  assert.match(headerValue(answer.headers, 'content-type') ?? '', /^text\/html/);
  assert.equal(headerValue(answer.headers, 'retry-after'), '120');
  assert.equal(headerValue(answer.headers, 'cache-control'), 'no-store');
  assert.match(answer.body, /<p>We move the &#60;wiki&#62;\.<\/p><p>Back at 14:00 — “promised”\.<\/p>/);
  assert.match(answer.body, /href="https:\/\/portal\.example\/"/);
  assert.equal(answer.reason, 'maintenance');
});

test('programs get a problem document with the same text', () => {
  const answer = answerTo(['Sec-Fetch-Mode', 'cors', 'Sec-Fetch-Dest', 'empty']);
  assert.equal(answer.status, 503);
  assert.equal(headerValue(answer.headers, 'content-type'), 'application/problem+json');
  assert.equal(headerValue(answer.headers, 'retry-after'), '120');
  const problem = JSON.parse(answer.body);
  assert.equal(problem.type, 'urn:foyer:maintenance');
  assert.equal(problem.detail, TEXT);
});

function answerTo(headers: readonly string[]) {
  const sent = { status: 0, headers: [] as readonly string[], body: '', reason: '' };
  const exchange = {
    supportId: 'ABCDEFGHIJ',
    scheme: 'https',
    method: 'GET',
    headers,
    body: null,
    responded: false,
    closed: false,
    respond(status: number, all: readonly string[]) {
      Object.assign(sent, { status, headers: all });
    },
    write(piece: Buffer) {
      sent.body += piece.toString();
      return true;
    },
    end() {},
  };
  const outcome = newOutcome();
  const portal = parsePortal('https://portal.example', parseHostname) ?? assert.fail();
  // What the answer of a page needs of an exchange, and no more.
  replyMaintenance(exchange as unknown as Exchange, outcome, TEXT, portal);
  return { ...sent, reason: outcome.reason };
}
