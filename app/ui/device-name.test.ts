import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDevice } from './device-name.ts';

test('a session is recognised by its browser and system', () => {
  const table = [
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
      { browser: 'Edge', system: 'Windows' },
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
      { browser: 'Chrome', system: 'Linux' },
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1',
      { browser: 'Safari', system: 'iPhone' },
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
      { browser: 'Firefox', system: 'macOS' },
    ],
    ['curl/8.0', { browser: null, system: null }],
    ['', { browser: null, system: null }],
  ] as const;
  for (const [userAgent, name] of table) assert.deepEqual(readDevice(userAgent), name);
});
