// Makes a small picture out of an uploaded one: decoded and drawn again, so that nothing of the file itself is ever kept or served.
import type sharpModule from 'sharp';
import type { ResizeOptions, Sharp } from 'sharp';
import type { PictureShape, SmallPicture } from '#server/core/small-picture.ts';

/** Enough for an icon of 42 CSS pixels, and a logo of 40 by 160, on the sharpest screens. */
const SHAPES: Record<PictureShape, ResizeOptions> = {
  icon: { width: 128, height: 128, fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } },
  logo: { width: 480, height: 120, fit: 'inside', withoutEnlargement: true },
};
/** What 16-bit RGBA of it takes while it is decoded: 128 MB. */
const MAX_PIXELS = 16_000_000;
const MAX_SECONDS = 5;
/** The loaders of the formats below, and no other: libvips would also read SVG, PDF and many more. */
const LOADERS = [
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadWebpBuffer',
  'VipsForeignLoadNsgifBuffer',
];

let turn: Promise<unknown> = Promise.resolve();
let loaded: Promise<typeof sharpModule> | undefined;

/** One at a time: a picture may take a second of one core and much memory, and uploading is rare. */
export function makeSmallPicture(bytes: Uint8Array, shape: PictureShape = 'icon'): Promise<SmallPicture> {
  const mine = turn.then(() => drawAgain(bytes, shape));
  turn = mine.catch(() => undefined);
  return mine;
}

async function drawAgain(bytes: Uint8Array, shape: PictureShape): Promise<SmallPicture> {
  if (!isKnownFormat(bytes)) return { kind: 'refused', reason: 'format' };
  const sharp = await load();
  const open = (): Sharp => sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 });
  try {
    const { width, height } = await open().metadata();
    if (width * height > MAX_PIXELS) return { kind: 'refused', reason: 'pixels' };
    const drawn = await open()
      .autoOrient()
      .resize(SHAPES[shape])
      .toColourspace('srgb')
      .webp({ quality: 90 })
      .timeout({ seconds: MAX_SECONDS })
      .toBuffer();
    return { kind: 'made', bytes: drawn };
  } catch (error) {
    // sharp throws plain errors alone; its words may quote the file, so only their kind goes on.
    return { kind: 'refused', reason: /pixel limit/i.test(String(error)) ? 'pixels' : 'damaged' };
  }
}

/** Loaded when somebody uploads something, which most processes never see. */
function load(): Promise<typeof sharpModule> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: LOADERS });
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
}

/** By the bytes that each format begins with; a name or a content type says nothing. */
function isKnownFormat(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return (
    head.startsWith('\x89PNG\r\n\x1a\n') ||
    head.startsWith('\xff\xd8\xff') ||
    /^GIF8[79]a/.test(head) ||
    (head.startsWith('RIFF') && head.endsWith('WEBP'))
  );
}
