// The promise of a support contact: it becomes a link where it is one, and never a link that does something else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSupport } from './support.ts';

test('addresses, pages and numbers become links, other words stay words', () => {
  const table = [
    ['help@corp.example', 'mailto:help@corp.example'],
    ['https://help.corp.example/new?app=wiki', 'https://help.corp.example/new?app=wiki'],
    ['+49 (30) 1234-567', 'tel:+49301234567'],
    ['4711', 'tel:4711'],
    ['Room 12, from 9 to 5', undefined],
    ['Ada: extension 12', undefined],
    ['#help-wiki', undefined],
  ] as const;
  for (const [text, href] of table) {
    const contact = readSupport(`  ${text} `);
    assert.equal(contact?.text, text);
    assert.equal(contact && 'href' in contact ? contact.href : undefined, href, text);
  }
});

test('M8: what only looks like a way to help is refused', () => {
  for (const text of [
    '',
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,x',
    'http://help.corp.example',
    'https://user:secret@help.corp.example',
    'https://',
    'a@corp.example,b@corp.example',
    'a@corp.example?bcc=b@evil.example',
    'a@b@corp.example',
    'mailto:a@corp.example',
    'two\nlines',
  ])
    assert.equal(readSupport(text), null, text);
});
