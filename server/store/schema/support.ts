// A support contact as a form gives it: kept as it was typed, refused where it is no way to anybody.
import type { z } from 'zod';
import { readSupport } from '#server/core/support.ts';
import { read } from './field.ts';

/** Or nothing at all. */
export const supportContact: z.ZodType<string> = read(
  (text) => (text === '' ? '' : (readSupport(text)?.text ?? null)),
  'This is no way to get help. Write an e-mail address, an address that begins with https://, a telephone number or a few words.',
  200,
);
