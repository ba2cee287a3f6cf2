// Aliases: stable, unguessable, one app's each, and gone with a turn of its counter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AliasSetting, aliasesOf, aliasKey, aliasLabel, aliasOwner, publicTarget } from './alias.ts';
import type { Hostname } from './hostname.ts';

const KEY = aliasKey(Buffer.alloc(32, 7));
const labelOf = (appId: string, round: number): string => aliasLabel(KEY, appId, round);
const SETTING: AliasSetting = { zone: 'alias.example' as Hostname, addresses: [], nameServers: [] };
const GATEWAY = 'gw.example' as Hostname;

test('a label is 160 bits of one app and one turn, in letters that DNS takes', () => {
  const label = aliasLabel(KEY, 'app-1', 0);
  assert.match(label, /^[a-z2-7]{32}$/);
  assert.equal(aliasLabel(KEY, 'app-1', 0), label);
  const others = [aliasLabel(KEY, 'app-2', 0), aliasLabel(KEY, 'app-1', 1)];
  others.push(aliasLabel(aliasKey(Buffer.alloc(32, 8)), 'app-1', 0));
  assert.equal(new Set([label, ...others]).size, 4);
});

test('base32 is that of RFC 4648', () => {
  // HMAC-SHA-256 and base32 of the first 20 bytes, by Python's hmac and base64 modules.
  assert.equal(aliasLabel(Buffer.alloc(32, 1) as typeof KEY, 'app-1', 3), 'm3rr52mkhd4a2s27xmcbxqzvfkhkq4wn');
});

test('SCL-4: an alias is its own app’s and nobody else’s', () => {
  const aliases = aliasesOf(
    SETTING,
    new Map([
      ['one', 0],
      ['two', 0],
    ]),
    labelOf,
  );
  assert.ok(aliases);
  const one = aliases.byApp.get('one') as Hostname;
  assert.equal(aliasOwner(aliases, one, 'one'), 'own');
  assert.equal(aliasOwner(aliases, one, 'two'), 'other');
  assert.equal(aliasOwner(aliases, one, null), 'other');
  assert.equal(aliasOwner(aliases, `x.${one}` as Hostname, 'one'), 'nobody');
  const renewed = aliasesOf(
    SETTING,
    new Map([
      ['one', 1],
      ['two', 0],
    ]),
    labelOf,
  );
  assert.equal(aliasOwner(renewed, one, 'one'), 'nobody');
  assert.equal(renewed?.byApp.get('two'), aliases.byApp.get('two'));
  assert.equal(aliasOwner(aliases, 'xalias.example' as Hostname, 'one'), 'outside');
  assert.equal(aliasOwner(null, one, 'one'), 'outside');
});

test('where no zone is delegated, the gateway’s name is what apps are CNAMEs of', () => {
  const aliases = aliasesOf(SETTING, new Map([['one', 0]]), labelOf);
  assert.equal(publicTarget(aliases, 'one', GATEWAY), aliases?.byApp.get('one'));
  assert.equal(
    publicTarget(aliasesOf({ ...SETTING, zone: null }, new Map([['one', 0]]), labelOf), 'one', GATEWAY),
    GATEWAY,
  );
  assert.equal(publicTarget(aliases, null, GATEWAY), GATEWAY);
  assert.equal(publicTarget(null, 'one', null), null);
});
