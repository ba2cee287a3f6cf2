// The promises of the limits' settings: what people write is what is meant, and a mistake says variable, value and example.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Environment, readConfig } from '#server/config.ts';
import { defaultMemory, heapOptions } from '#server/gateway/memory.ts';
import { DEFAULT_LIMITS, LIMIT_NAMES, LIMITS, limitVariable } from '#server/http/limits.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';

const LOCAL = { FOYER_PORTAL_URL: 'http://portal.localhost:8080' };
const MB = 1_024 ** 2;
const GB = 1_024 ** 3;

function configOf(env: Environment) {
  const read = readConfig({ ...LOCAL, ...env });
  if (read.kind === 'invalid') throw new Error(read.problems.join(' '));
  return read.config;
}

test('what is not set has its default, and every limit can be set', () => {
  assert.deepEqual(configOf({}).limits, DEFAULT_LIMITS);
  for (const name of LIMIT_NAMES) {
    const { unit, value, min, max } = LIMITS[name];
    // As the page and the sentences write it.
    for (const each of [value, min, max]) {
      const { limits, unknownVariables } = configOf({ [limitVariable(name)]: formatQuantity(each, unit) });
      assert.deepEqual(limits, { ...DEFAULT_LIMITS, [name]: each });
      assert.deepEqual(unknownVariables, []);
    }
  }
});

test('sizes and durations are read as people write them', () => {
  const { limits } = configOf({
    FOYER_LIMIT_HEADER_BYTES: ' 32 kb ',
    FOYER_LIMIT_UPSTREAM_HEADERS_TIMEOUT: '2m',
    FOYER_LIMIT_HEADERS_TIMEOUT: '1500ms',
    FOYER_LIMIT_CONNECTIONS: '50000',
    FOYER_LIMIT_STREAMS: '',
  });
  const { headerBytes, upstreamHeadersTimeoutMs, headersTimeoutMs, connections, streams } = limits;
  assert.deepEqual(
    { headerBytes, upstreamHeadersTimeoutMs, headersTimeoutMs, connections, streams },
    {
      headerBytes: 32_768,
      upstreamHeadersTimeoutMs: 120_000,
      headersTimeoutMs: 1_500,
      connections: 50_000,
      streams: 100,
    },
  );
});

test('a limit that cannot be is a sentence with the variable, the value and an example', () => {
  const table: [Environment, string][] = [
    [
      { FOYER_LIMIT_HEADER_BYTES: '16' },
      'FOYER_LIMIT_HEADER_BYTES is no size with a unit: "16". Write 4KB to 256KB, for example 16KB.',
    ],
    [
      { FOYER_LIMIT_HEADER_BYTES: '1GB' },
      'FOYER_LIMIT_HEADER_BYTES is out of bounds: "1GB". Write 4KB to 256KB, for example 16KB.',
    ],
    [
      { FOYER_LIMIT_KEEP_ALIVE: '65' },
      'FOYER_LIMIT_KEEP_ALIVE is no duration with a unit: "65". Write 1s to 1h, for example 65s.',
    ],
    [
      { FOYER_LIMIT_CONNECTIONS: '20k' },
      'FOYER_LIMIT_CONNECTIONS is no number: "20k". Write 10 to 1000000, for example 20000.',
    ],
    [{ FOYER_LIMIT_STREAMS: '0' }, 'FOYER_LIMIT_STREAMS is out of bounds: "0". Write 1 to 1000, for example 100.'],
    [
      { FOYER_GATEWAY_MEMORY: '1TB' },
      'FOYER_GATEWAY_MEMORY is no size with a unit: "1TB". Write 384MB to 64GB, for example 512MB.',
    ],
    [
      { FOYER_GATEWAY_MEMORY: '64MB' },
      'FOYER_GATEWAY_MEMORY is out of bounds: "64MB". Write 384MB to 64GB, for example 512MB.',
    ],
  ];
  for (const [env, sentence] of table) {
    const read = readConfig({ ...LOCAL, ...env });
    assert.deepEqual(read.kind === 'invalid' && read.problems, [sentence]);
  }
});

test('a misspelt limit is remembered', () => {
  assert.deepEqual(configOf({ FOYER_LIMIT_HEADERS_BYTES: '16KB' }).unknownVariables, ['FOYER_LIMIT_HEADERS_BYTES']);
});

test('a quantity is whole, and comes back as it was written', () => {
  for (const text of ['', ' ', '1.5s', '-1s', '1e3', '0x10', '1 000', '1_000', '10sec', 'KB', '9999999999999'])
    for (const unit of ['bytes', 'ms', 'count'] as const) assert.equal(parseQuantity(text, unit), null, text);
  for (const text of ['1B', '1023B', '16KB', '3MB', '64GB']) {
    const bytes = parseQuantity(text, 'bytes');
    assert.equal(bytes !== null && formatQuantity(bytes, 'bytes'), text);
  }
  for (const text of ['1ms', '1500ms', '59s', '90s', '2m', '24h']) {
    const ms = parseQuantity(text, 'ms');
    assert.equal(ms !== null && formatQuantity(ms, 'ms'), text);
  }
});

test('gateways share the memory of the machine, and the heap is a part of a gateway’s', () => {
  assert.equal(configOf({ FOYER_GATEWAY_MEMORY: '1GB' }).gatewayMemory, GB);
  assert.equal(defaultMemory(8 * GB, 4), 1_228 * MB);
  assert.equal(defaultMemory(512 * MB, 8), 384 * MB);
  assert.equal(defaultMemory(256 * GB, 4), 4 * GB);
  assert.deepEqual(heapOptions(GB), ['--max-old-space-size=614', '--min-semi-space-size=8', '--max-semi-space-size=8']);
});
