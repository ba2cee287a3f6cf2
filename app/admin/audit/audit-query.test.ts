import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditAddress, auditQuery } from './audit-query.ts';

test('filters are taken from the address, and nothing else is', () => {
  assert.deepEqual(
    auditQuery({ action: ' sign-in ', person: '', level: 'alarm', outcome: 'x', before: 'abc', evil: 'y' }, 'UTC'),
    {
      filters: { action: 'sign-in', level: 'alarm' },
      before: 'abc',
    },
  );
  assert.deepEqual(auditQuery({ action: ['a', 'b'], from: 'soon', to: '' }, 'UTC'), { filters: {}, before: null });
});

test('a time is the reader’s where a form sends it, and the same for everybody in an address', () => {
  const { filters } = auditQuery({ from: '2026-11-28T22:21', address: '192.0.2.7' }, 'Europe/Berlin');
  assert.equal(filters.from, Date.UTC(2026, 10, 28, 21, 21));
  const address = auditAddress(filters, { format: 'csv' });
  assert.equal(address, 'address=192.0.2.7&from=2026-11-28T21%3A21%3A00.000Z&format=csv');
  const params = Object.fromEntries(new URLSearchParams(address));
  assert.deepEqual(auditQuery(params, 'America/New_York').filters, filters);
});
