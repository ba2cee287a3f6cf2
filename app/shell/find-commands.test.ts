// The promise of the command palette: what begins like what was typed comes first, and every word counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCommands } from './find-commands.ts';

const app = (name: string, description = '') => ({
  ...{
    id: name,
    name,
    description,
    category: '',
    icon: { kind: 'drawn' } as const,
    host: `${name.toLowerCase()}.corp.example`,
  },
  href: `https://${name.toLowerCase()}.corp.example/`,
});
const PLACES = [
  { kind: 'place', id: '/account', label: 'Account', detail: 'Sessions and password', href: '/account' },
  { kind: 'sign-out', id: 'sign-out', label: 'Sign out', detail: '' },
] as const;
const APPS = [app('Kiwi'), app('Team wiki'), app('Wiki', 'What we know'), app('Mail')];
const labels = (search: string) => findCommands(APPS, PLACES, search).map(({ label }) => label);

test('without a word everything is offered, apps first', () => {
  assert.deepEqual(labels(''), ['Kiwi', 'Team wiki', 'Wiki', 'Mail', 'Account', 'Sign out']);
});

test('what begins so comes first, then what has such a word', () => {
  assert.deepEqual(labels('wi'), ['Wiki', 'Team wiki', 'Kiwi']);
});

test('every word has to be found, in an app as in a place', () => {
  assert.deepEqual(labels('know wiki'), ['Wiki']);
  assert.deepEqual(labels('sessions'), ['Account']);
  assert.deepEqual(labels('sign out'), ['Sign out']);
  assert.deepEqual(labels('nothing like it'), []);
});

test('of many apps the best eight are offered', () => {
  const many = Array.from({ length: 300 }, (_, at) => app(`App ${at}`));
  assert.equal(findCommands(many, PLACES, 'app').filter(({ kind }) => kind === 'app').length, 8);
});
