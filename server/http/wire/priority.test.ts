// Promise: a client's priority is read as RFC 9218 says, and what is none is the usual one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePriority } from './priority.ts';

for (const [text, urgency, isIncremental] of [
  ['', 3, false],
  ['u=0', 0, false],
  ['u=7, i', 7, true],
  ['i, u=5', 5, true],
  ['u=1,i=?1', 1, true],
  ['u=1, i=?0', 1, false],
  ['u=1, u=2', 2, false],
  ['u=8', 3, false],
  ['u=-1, i', 3, true],
  ['u=1.5', 3, false],
  ['U=1, I', 3, false],
  ['x=1, u=4, i, y', 4, true],
  ['i;q=1', 3, false],
] as const)
  test(`${JSON.stringify(text)}: urgency ${urgency}${isIncremental ? ', in parts' : ''}`, () =>
    assert.deepEqual(parsePriority(text), { urgency, isIncremental }));
