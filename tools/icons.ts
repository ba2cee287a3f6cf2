// Draws the icons of the installed portal from public/icon.svg: `node bin/run.js tools/icons.ts`. Their files are committed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const PUBLIC = join(import.meta.dirname, '../public');
const SVG = readFileSync(join(PUBLIC, 'icon.svg'), 'utf8');
const BACKGROUND = /fill="(#[0-9a-f]{6})"/.exec(SVG)?.[1] ?? '#3451c7';

/** Of a maskable icon only the middle 80 % is sure to be seen (W3C App Manifest, "safe zone"); iOS rounds the corners itself. */
const DRAWN: readonly { name: string; size: number; markShare: number; isFull: boolean }[] = [
  { name: 'icon-192', size: 192, markShare: 1, isFull: false },
  { name: 'icon-512', size: 512, markShare: 1, isFull: false },
  { name: 'icon-maskable-192', size: 192, markShare: 0.8, isFull: true },
  { name: 'icon-maskable-512', size: 512, markShare: 0.8, isFull: true },
  { name: 'apple-touch-icon', size: 180, markShare: 0.92, isFull: true },
];

for (const { name, size, markShare, isFull } of DRAWN) {
  const markSize = Math.round(size * markShare);
  const mark = await sharp(Buffer.from(isFull ? SVG.replace(/ rx="6"/, '') : SVG), { density: (72 * markSize) / 24 })
    .resize(markSize, markSize)
    .png()
    .toBuffer();
  const background = isFull ? BACKGROUND : { r: 0, g: 0, b: 0, alpha: 0 };
  await sharp({ create: { width: size, height: size, channels: 4, background } })
    .composite([{ input: mark, gravity: 'centre' }])
    .png({ palette: true, compressionLevel: 9 })
    .toFile(join(PUBLIC, `${name}.png`));
}
