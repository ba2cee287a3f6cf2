// The promise of an uploaded picture: what is kept is Foyer's own drawing of it, small, and no file is a bomb.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { makeSmallPicture } from './small-picture.ts';

const RED = { r: 200, g: 30, b: 30 };
const picture = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: RED } });

async function made(bytes: Uint8Array): Promise<Buffer> {
  const small = await makeSmallPicture(bytes);
  assert.equal(small.kind, 'made', JSON.stringify(small));
  return Buffer.from(small.kind === 'made' ? small.bytes : []);
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const small = await makeSmallPicture(bytes);
  return small.kind === 'refused' ? small.reason : 'made';
}

/** A PNG that claims a size, and holds as little as claims it. */
function png(width: number, height: number, pixels: Buffer): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    ...[signature, chunk('IHDR', header), chunk('IDAT', deflateSync(pixels))],
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('each format becomes a WebP of 128 by 128, with the whole picture in it', async () => {
  const wide = picture(300, 100);
  for (const bytes of [
    await wide.clone().png().toBuffer(),
    await wide.clone().jpeg().toBuffer(),
    await wide.clone().webp().toBuffer(),
    await wide.clone().gif().toBuffer(),
    await picture(1, 1).png().toBuffer(),
  ]) {
    const small = await made(bytes);
    assert.equal(small.subarray(8, 12).toString(), 'WEBP');
    const { width, height } = await sharp(small).metadata();
    assert.deepEqual([width, height], [128, 128]);
    assert.ok(small.length < 8_192, `${small.length}`);
  }
});

test('nothing of the file goes along: place and camera, a text, a page or an archive behind the picture', async () => {
  const tagged = await picture(40, 40)
    .withExif({ IFD0: { Copyright: 'PLACE-OF-SHOOTING' } })
    .jpeg()
    .toBuffer();
  assert.ok(tagged.includes('PLACE-OF-SHOOTING'));
  const polyglot = Buffer.concat([tagged, Buffer.from('<script>alert(1)</script>PK\x03\x04')]);
  const small = await made(polyglot);
  for (const trace of ['PLACE-OF', '<script', 'PK\x03', 'Exif', 'EXIF']) assert.ok(!small.includes(trace), trace);
});

test('what is no picture of these formats is not even opened: SVG with a script, HTML, PDF, TIFF, nothing', async () => {
  const tiff = await picture(4, 4)
    .tiff()
    .toBuffer()
    .catch(() => Buffer.from('II*\0'));
  for (const bytes of [
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    Buffer.from('<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'),
    Buffer.from('<!doctype html><script>alert(1)</script>'),
    Buffer.from('%PDF-1.7'),
    Buffer.from('#!/bin/sh'),
    tiff,
    Buffer.alloc(0),
  ])
    assert.equal(await refusal(bytes), 'format');
});

test('a flood of pixels is refused before it is decoded', async () => {
  const before = process.memoryUsage().rss;
  const started = performance.now();
  assert.equal(await refusal(png(60_000, 60_000, Buffer.alloc(60_001))), 'pixels');
  assert.equal(await refusal(png(2_147_483_647, 2_147_483_647, Buffer.alloc(10))), 'damaged');
  assert.ok(performance.now() - started < 2_000);
  assert.ok(process.memoryUsage().rss - before < 100e6);
});

test('a picture that ends too early, or lies about its bytes, is damaged and no crash', async () => {
  const whole = await picture(500, 500).jpeg().toBuffer();
  assert.equal(await refusal(whole.subarray(0, 300)), 'damaged');
  assert.equal(
    await refusal(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(500, 7)])),
    'damaged',
  );
  assert.equal(await refusal(Buffer.from('RIFF\xff\xff\xff\xffWEBPVP8 ', 'latin1')), 'damaged');
  assert.equal(await refusal(Buffer.from('GIF89a\xff\xff\xff\xff', 'latin1')), 'damaged');
  await made(await picture(20, 20).png().toBuffer());
});

test('a logo keeps its shape, in a strip, and is not blown up', async () => {
  const sizeOf = async (width: number, height: number) => {
    const small = await makeSmallPicture(await picture(width, height).png().toBuffer(), 'logo');
    const made = await sharp(small.kind === 'made' ? Buffer.from(small.bytes) : Buffer.alloc(0)).metadata();
    return [made.width, made.height];
  };
  assert.deepEqual(await sizeOf(1_200, 300), [480, 120]);
  assert.deepEqual(await sizeOf(3_000, 100), [480, 16]);
  assert.deepEqual(await sizeOf(40, 20), [40, 20]);
});
