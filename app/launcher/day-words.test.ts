// A moment is put into words by the reader's calendar, not by hours that have passed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayWords } from './day-words.ts';

const NOON = Date.UTC(2026, 2, 30, 12);
const HOUR_MS = 3_600_000;
const berlin = (hoursAgo: number, language = 'en') =>
  dayWords(NOON - hoursAgo * HOUR_MS, NOON, { language, zone: 'Europe/Berlin' });

test('today needs no words, yesterday begins at the reader’s midnight, a week later it is a date', () => {
  assert.equal(berlin(0), null);
  assert.equal(berlin(13.9), null);
  assert.equal(berlin(14.1), 'yesterday');
  assert.equal(berlin(14.1, 'de'), 'gestern');
  // The clocks went forward in the night before: that day had 23 hours.
  assert.equal(berlin(14.1 + 23), '2 days ago');
  assert.equal(berlin(6 * 24), '6 days ago');
  assert.equal(berlin(8 * 24), 'Mar 22, 2026');
  assert.equal(dayWords(NOON - 5 * HOUR_MS, NOON, { language: 'en', zone: 'Pacific/Honolulu' }), 'yesterday');
});

test('a clock of the store that is ahead makes nothing of tomorrow', () => {
  assert.equal(berlin(-24), null);
});
