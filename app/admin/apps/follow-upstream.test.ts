// The promises of header settings that name the upstream: they follow it, and nothing else is touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followUpstream, upstreamNames } from './follow-upstream.ts';

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
const place = (scheme: string, host: string, port: string) =>
  upstreamNames(formOf({ 'upstream.scheme': scheme, 'upstream.host': host, 'upstream.port': port }));

test('a place has the names that browsers give it; half of one has none', () => {
  for (const [scheme, host, port, origin] of [
    ['http', 'wiki.corp.internal', '', 'http://wiki.corp.internal'],
    ['http', 'wiki.corp.internal', '80', 'http://wiki.corp.internal'],
    ['https', ' wiki.corp.internal ', '8443', 'https://wiki.corp.internal:8443'],
    ['https', '2001:db8::1', '443', 'https://[2001:db8::1]'],
  ] as const)
    assert.deepEqual(place(scheme, host, port), { origin, authority: origin.replace(/^https?:\/\//, '') });
  for (const [host, port] of [
    ['', '80'],
    ['wiki', '99999'],
    ['a b', ''],
  ] as const)
    assert.equal(place('http', host, port), null);
});

test('an Origin and a fixed Host that named the upstream follow it; another header, and another origin, stay', () => {
  const form = formOf({
    'traffic.requestHeaders.0.name': 'origin',
    'traffic.requestHeaders.0.value': 'http://wiki.corp.internal:3000',
    'traffic.requestHeaders.1.name': 'Origin',
    'traffic.requestHeaders.1.value': 'https://elsewhere.example',
    'traffic.requestHeaders.2.name': 'X-From',
    'traffic.requestHeaders.2.value': 'http://wiki.corp.internal:3000',
    'traffic.requestHeaders.3.name': 'Origin',
    'traffic.responseHeaders.0.name': 'Origin',
    'traffic.responseHeaders.0.value': 'http://wiki.corp.internal:3000',
    'upstream.hostHeader.value': 'wiki.corp.internal:3000',
  });
  const before = place('http', 'wiki.corp.internal', '3000') ?? assert.fail();
  const after = place('https', 'wiki2.corp.internal', '') ?? assert.fail();
  assert.deepEqual(Object.fromEntries(followUpstream(form, before, after)), {
    'traffic.requestHeaders.0.value': 'https://wiki2.corp.internal',
    'upstream.hostHeader.value': 'wiki2.corp.internal',
  });
  assert.equal(followUpstream(form, before, before).size, 0);
});
