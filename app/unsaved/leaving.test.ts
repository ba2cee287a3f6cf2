// The promise of a form: what was typed in it is not lost by leaving, unless the person says so; and nobody is asked without need.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Click, formPrint, holdLeaving, isFormUnsaved, leaveFor, leavesPage } from './leaving.ts';

const CLICK: Click = {
  button: 0,
  isModified: false,
  isPrevented: false,
  target: '',
  isDownload: false,
  href: '/admin/apps',
  here: 'https://portal.example/admin/sites/1?a=b',
};

test('a click leaves the page unless it opens elsewhere, downloads, or stays in the page', () => {
  const table: [Partial<Click>, boolean][] = [
    [{}, true],
    [{ href: 'https://elsewhere.example/' }, true],
    [{ href: '?a=c' }, true],
    [{ target: '_self' }, true],
    [{ href: '#who' }, false],
    [{ href: 'mailto:it@corp.example' }, false],
    [{ target: '_blank' }, false],
    [{ isDownload: true }, false],
    [{ isModified: true }, false],
    [{ isPrevented: true }, false],
    [{ button: 1 }, false],
  ];
  for (const [parts, leaves] of table) assert.equal(leavesPage({ ...CLICK, ...parts }), leaves, JSON.stringify(parts));
});

test('leaving waits while a form holds it, and only then', () => {
  const left: string[] = [];
  const held: (() => void)[] = [];
  let isUnsaved = true;
  const release = holdLeaving({ form: () => null, isUnsaved: () => isUnsaved, hold: (leave) => held.push(leave) });
  leaveFor(() => left.push('held'));
  assert.equal(left.length, 0);
  held[0]?.();
  isUnsaved = false;
  leaveFor(() => left.push('saved'));
  isUnsaved = true;
  release();
  leaveFor(() => left.push('gone'));
  assert.deepEqual(left, ['held', 'saved', 'gone']);
});

test('a form that is spoken for says whether it is saved, another one is not known', () => {
  const [own, other] = [{}, {}] as [Element, Element];
  let isUnsaved = true;
  const release = holdLeaving({ form: () => own, isUnsaved: () => isUnsaved, hold: () => undefined });
  assert.deepEqual([isFormUnsaved(own), isFormUnsaved(other)], [true, null]);
  isUnsaved = false;
  assert.equal(isFormUnsaved(own), false);
  release();
  assert.equal(isFormUnsaved(own), null);
});

test('a form is unchanged when it would send the same again, whatever was typed and taken back', () => {
  const form = (...lines: string[]) => {
    const data = new FormData();
    for (const line of lines) data.append('hosts', line);
    return data;
  };
  assert.equal(formPrint(form('a', 'b'), ['x']), formPrint(form('a', 'b'), ['x']));
  assert.notEqual(formPrint(form('a', 'b'), null), formPrint(form('b', 'a'), null));
  assert.notEqual(formPrint(form('a'), ['x']), formPrint(form('a'), []));
  const [one, two] = [form(), form()];
  one.append('logo', new File(['a'], 'a.png'));
  two.append('logo', new File(['aa'], 'a.png'));
  assert.notEqual(formPrint(one, null), formPrint(two, null));
});
