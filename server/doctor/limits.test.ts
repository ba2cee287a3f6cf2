// What the doctor says about limits: nothing is hidden, and what the machine cannot hold is a sentence with what to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../http/limits.ts';
import { checkLimits } from './limits.ts';

const GB = 1_024 ** 3;
const CONFIG = { gatewayMemory: GB, gateways: 2, limits: DEFAULT_LIMITS };
const ROOMY = { fileLimit: 524_288, memoryBytes: 8 * GB };

function said(...given: Parameters<typeof checkLimits>): string[] {
  return checkLimits(...given).map(({ level, sentence }) => `${level}: ${sentence}`);
}

test('defaults on a machine with room are one line', () => {
  assert.deepEqual(said(CONFIG, ROOMY), ['ok: Every limit has its default.']);
  assert.deepEqual(said(CONFIG, { ...ROOMY, fileLimit: null }), ['ok: Every limit has its default.']);
});

test('limits that were set are named with their values', () => {
  const limits = { ...DEFAULT_LIMITS, headerBytes: 32 * 1_024, keepAliveMs: 30_000 };
  assert.deepEqual(said({ ...CONFIG, limits }, ROOMY), [
    'ok: Limits that were set: FOYER_LIMIT_HEADER_BYTES=32KB, FOYER_LIMIT_KEEP_ALIVE=30s.',
  ]);
});

test('what the machine cannot hold is said, with what to do', () => {
  const [, files, memory] = said(CONFIG, { fileLimit: 1_024, memoryBytes: GB });
  assert.match(
    files ?? '',
    /^warning: A process may open 1024 files, and 20000 browsers may need 40500: raise .*LimitNOFILE=40500/,
  );
  assert.match(memory ?? '', /^warning: 2 gateways of 1GB are more than this machine’s 1024MB: lower FOYER_GATEWAYS/);
});
