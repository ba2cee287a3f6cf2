// Z8: a package that was replaced, or that wants to run something at install time, is noticed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkInstallScripts, checkLock, findPackageProblems } from './packages.ts';

const pinned = { version: '1.0.0', integrity: 'sha512-AAAA' };

test('Z8: every locked package has an integrity and names no registry host', () => {
  const lock = (entry: object) => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/left': entry } });
  assert.deepEqual(checkLock(lock(pinned)), []);
  assert.match(checkLock(lock({ version: '1.0.0' }))[0] ?? '', /left has no integrity/);
  assert.match(
    checkLock(lock({ ...pinned, resolved: 'https://registry.example/left.tgz' }))[0] ?? '',
    /names a registry host/,
  );
});

test('an optional package without its entry is noticed, since npm ci refuses such a lock file', () => {
  const wants = { ...pinned, optionalDependencies: { right: '1.0.0' } };
  const lock = (others: Record<string, object>) => ({
    lockfileVersion: 3,
    packages: { 'node_modules/left': wants, ...others },
  });
  assert.match(checkLock(lock({}))[0] ?? '', /left wants right/);
  assert.deepEqual(checkLock(lock({ 'node_modules/right': pinned })), []);
  assert.deepEqual(checkLock(lock({ 'node_modules/left/node_modules/right': pinned })), []);
});

test('Z8: an install script that nobody has read is refused', () => {
  const manifest = { name: 'left', version: '1.0.0' };
  assert.deepEqual(checkInstallScripts([{ ...manifest, scripts: { test: 'true' } }]), []);
  assert.match(
    checkInstallScripts([{ ...manifest, scripts: { postinstall: 'node x' } }])[0] ?? '',
    /left@1\.0\.0 runs a script/,
  );
});

test('Z8: this repository and everything installed in it keep to that', () => {
  assert.deepEqual(findPackageProblems(`${import.meta.dirname}/..`), []);
});
