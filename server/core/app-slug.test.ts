// The promise of a link's name: it means an app as people would say it, and never one by half of its name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appSlug, appsOfSlug } from './app-slug.ts';
import type { Hostname } from './hostname.ts';

test('a name becomes what people type: no case, no accents, hyphens between words', () => {
  const table = [
    ['Team Wiki', 'team-wiki'],
    ['  Café Menü (neu!) ', 'cafe-menu-neu'],
    ['CI/CD', 'ci-cd'],
    ['２０２６', '2026'],
    ['勤怠', '勤怠'],
    ['Größe', 'große'],
    ['…', ''],
  ] as const;
  for (const [name, slug] of table) assert.equal(appSlug(name), slug, name);
});

test('a name is found whole, a host name before it, and two apps of one name are two', () => {
  const app = (name: string, ...hosts: string[]) => ({ name, hosts: hosts as [Hostname, ...Hostname[]] });
  const wiki = app('Wiki', 'wiki.corp.example', 'old-wiki.corp.example');
  const apps = [wiki, app('Team wiki', 'team.corp.example'), app('Board', 'b.example'), app('BOARD', 'c.example')];
  const names = (wanted: string) => appsOfSlug(apps, wanted).map(({ hosts }) => hosts[0]);
  assert.deepEqual(names('wiki'), ['wiki.corp.example']);
  assert.deepEqual(names('WIKI'), ['wiki.corp.example']);
  assert.deepEqual(names('team-wiki'), ['team.corp.example']);
  assert.deepEqual(names('Team wiki'), ['team.corp.example']);
  assert.deepEqual(names('OLD-wiki.corp.example'), ['wiki.corp.example']);
  assert.deepEqual(names('board'), ['b.example', 'c.example']);
  for (const wanted of ['', '-', 'wik', 'corp', '__proto__']) assert.deepEqual(names(wanted), [], wanted);
});
