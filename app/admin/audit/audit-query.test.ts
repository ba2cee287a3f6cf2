import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditQuery } from './audit-query.ts';

test('filters are taken from the address, and nothing else is', () => {
  assert.deepEqual(
    auditQuery({ action: ' sign-in ', person: '', level: 'alarm', outcome: 'x', before: 'abc', evil: 'y' }),
    {
      filters: { action: 'sign-in', level: 'alarm' },
      before: 'abc',
    },
  );
  assert.deepEqual(auditQuery({ action: ['a', 'b'] }), { filters: {}, before: null });
});
