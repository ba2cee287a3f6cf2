// What becomes of an uploaded picture.

/** Of an upload. Larger ones are refused before they are read. */
export const MAX_PICTURE_BYTES = 1024 * 1024;

/** The content type of every picture that Foyer makes. */
export const PICTURE_TYPE = 'image/webp';

/** A square for a tile, or a strip as wide as a logo is. */
export type PictureShape = 'icon' | 'logo';

export const PICTURE_REFUSALS = ['format', 'pixels', 'damaged', 'size'] as const;
/** No format that is read; more pixels than are decoded; cannot be decoded; more bytes than are read. */
export type PictureRefusal = (typeof PICTURE_REFUSALS)[number];

export const PICTURE_REFUSED: Record<PictureRefusal, string> = {
  format: 'This is no PNG, JPEG, WebP or GIF. Choose another picture.',
  pixels: 'This picture has more than 16 megapixels. Choose a smaller one.',
  damaged: 'This picture cannot be read: it is damaged or not whole. Choose another one.',
  size: 'This picture is larger than 1 MB. Choose a smaller one.',
};

export type SmallPicture = { kind: 'made'; bytes: Uint8Array } | { kind: 'refused'; reason: PictureRefusal };
