// Collections, notices and terms of use as forms give them.
import { z } from 'zod';
import { NOTICE_LEVELS } from '../words.ts';
import { id, line, listOf } from './field.ts';

export const collectionInput = z.strictObject({
  name: line(60),
  /** In the order in which the launcher shows them. */
  appIds: listOf(id, 400),
});

const text = (maxLength: number, missing: string) =>
  z
    .string()
    .max(maxLength, `This is too long. Use at most ${maxLength} characters.`)
    .regex(/^[^\p{Cs}\0]*$/u, 'This holds a character that is no text. Remove it.')
    .transform((written) => written.replaceAll('\r\n', '\n').trim())
    .refine((trimmed) => missing === '' || trimmed !== '', { message: missing });

/** Epoch milliseconds, to the end of the year 9999. */
const moment = z
  .int('This is no date and time. Choose one.')
  .min(0, 'This is no date and time. Choose one.')
  .max(253_402_300_799_999, 'This is no date and time. Choose one.')
  .nullable()
  .default(null);

export const noticeInput = z
  .strictObject({
    text: text(600, 'A notice says something. Write it.'),
    level: z.enum(NOTICE_LEVELS).default('info'),
    pinned: z.boolean().default(false),
    everyone: z.boolean().default(true),
    groupIds: listOf(id, 100).default([]),
    fromAt: moment,
    untilAt: moment,
  })
  .refine(({ fromAt, untilAt }) => fromAt === null || untilAt === null || fromAt < untilAt, {
    path: ['untilAt'],
    message: 'This is before it begins. Choose a later moment.',
  })
  .refine(({ everyone, groupIds }) => everyone || groupIds.length > 0, {
    path: ['groupIds'],
    message: 'Nobody would see it. Choose a group, or everybody.',
  });

/** Without a text nothing is asked of anybody. */
export const termsInput = z.strictObject({ text: text(20_000, '') });
