import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAppForm } from './app-form-values.ts';

test('the app form becomes the value that the store reads, and says nothing about fields it does not show', () => {
  const form = new FormData();
  const fields: [string, string][] = [
    ['name', 'Wiki'],
    ['description', ''],
    ['hosts', 'wiki.corp.example'],
    ['hosts', ''],
    ['enabled', 'on'],
    ['siteId', 's'],
    ['upstream.scheme', 'https'],
    ['upstream.host', 'wiki.corp.internal'],
    ['upstream.port', '8443'],
    ['upstream.hostHeader', 'fixed'],
    ['upstream.hostHeader.value', 'inside.example'],
    ['upstream.tls', 'pinned'],
    ['upstream.tls.sha256', 'ab'],
    ['identityHeaders', 'remote'],
    ['maxSession', '3600000'],
  ];
  for (const [name, value] of fields) form.append(name, value);
  assert.deepEqual(readAppForm(form), {
    name: 'Wiki',
    description: '',
    hosts: ['wiki.corp.example'],
    showInLauncher: false,
    enabled: true,
    siteId: 's',
    upstream: {
      scheme: 'https',
      host: 'wiki.corp.internal',
      port: '8443',
      hostHeader: { kind: 'fixed', value: 'inside.example' },
      tls: { kind: 'pinned', sha256: 'ab' },
    },
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
  });
});
