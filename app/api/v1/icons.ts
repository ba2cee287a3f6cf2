// Uploading an icon by the API: the picture is drawn again, small, and an app names it by its hash.
import { z } from 'zod';
import { may } from '#server/core/permission.ts';
import { PICTURE_REFUSED } from '#server/core/small-picture.ts';
import { saveIcon } from '#server/store/icons.ts';
import { FORBIDDEN, invalid } from '#server/store/saved.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { refusal } from './reply.ts';
import type { Route } from './route-table.ts';

/** In base64; the body as a whole has 512 KiB. */
const MAX_LENGTH = 500_000;

export const iconInput = z.strictObject({
  picture: z
    .base64('This is no base64. Send the bytes of the picture in it.')
    .max(MAX_LENGTH, `This is too long. The most is ${MAX_LENGTH}.`)
    .describe('A PNG, JPEG, WebP or GIF of at most 16 megapixels, in base64.'),
});

export const ICONS: readonly Route[] = [
  {
    ...{ method: 'POST', path: '/icons', needs: ['apps.write'], tag: 'Apps', summary: 'Upload an icon' },
    description:
      'Foyer draws it again, 128 by 128 pixels. An app shows it as `{"kind":"uploaded","sha256":…}`; what no app names is forgotten after a day.',
    body: 'IconInput',
    answers: { status: 201, schema: 'Icon' },
    run: async ({ context, actor, body }) => {
      const parsed = parseInput(iconInput, body);
      if (parsed.kind === 'invalid') return refusal(parsed);
      // The store decides; this keeps from decoding what nobody may keep.
      if (!may(actor.role, 'apps.write', 'own')) return refusal(FORBIDDEN);
      const made = await context.makeSmallPicture(Buffer.from(parsed.value.picture, 'base64'));
      if (made.kind === 'refused') return refusal(invalid({ picture: PICTURE_REFUSED[made.reason] }));
      const saved = await saveIcon(context.store, actor, made.bytes);
      return saved.kind === 'saved' ? { kind: 'done', status: 201, body: { sha256: saved.id } } : refusal(saved);
    },
  },
];
