// Which language a person reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage, directionOf, type Language, regionalLanguage } from './language.ts';

test('what a person chose goes before what the browser asks for, and what nobody speaks here is passed over', () => {
  assert.equal(chooseLanguage('de', 'en-GB'), 'de');
  assert.equal(chooseLanguage('xx', 'de-AT,de;q=0.9,en;q=0.8'), 'de');
  assert.equal(chooseLanguage(null, 'fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7'), 'en');
  assert.equal(chooseLanguage(null, 'en;q=0.5, de;q=0.6'), 'de');
  assert.equal(chooseLanguage(null, 'de;q=0, fr'), 'en');
  assert.equal(chooseLanguage(null, '*'), 'en');
  assert.equal(chooseLanguage(undefined, null), 'en');
});

test('of equal wishes the first one counts, and a header of nonsense is English', () => {
  assert.equal(chooseLanguage(null, 'de, en'), 'de');
  assert.equal(chooseLanguage(null, 'de;q=7, en;q=0.1'), 'en');
  assert.equal(chooseLanguage(null, ';;;,,,q=1,\u0000'), 'en');
  assert.equal(chooseLanguage(null, `${'fr,'.repeat(10_000)}de`), 'en');
});

test('a language that is written from right to left says so', () => {
  assert.equal(directionOf('de'), 'ltr');
  assert.equal(directionOf('he'), 'rtl');
});

test('dates are written as the region of the browser’s first wish in that language writes them', () => {
  const table: [Language, string | null, string][] = [
    ['en', 'en-GB', 'en-GB'],
    ['en', 'de-AT,en;q=0.5,en-AU;q=0.9', 'en-AU'],
    ['de', 'en-US,de-CH;q=0.7,de;q=0.7', 'de-CH'],
    ['de', 'EN-us', 'de'],
    ['en', null, 'en'],
    ['en', 'en-;q=1, en-GB-1!, en--x, en-CA;q=0.1', 'en-CA'],
    ['en', 'en-GB;q=0', 'en'],
  ];
  for (const [language, accepted, expected] of table) assert.equal(regionalLanguage(language, accepted), expected);
});
