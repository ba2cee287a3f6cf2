// What is done to several apps at once, as pages give it: which apps, and what.
import { z } from 'zod';
import { appFilterInput } from '../app-query.ts';
import { assignmentsInput } from './app.ts';
import { id, lineOrNone, listOf } from './field.ts';

const MOST_CHOSEN = 5_000;

export type AppSelection = z.output<typeof appSelectionInput>;

/** Some apps by their ids, or all that match a list's filter. */
export const appSelectionInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('these'),
    ids: listOf(id, MOST_CHOSEN).refine((ids) => ids.length > 0, { message: 'No app is chosen. Choose one first.' }),
  }),
  z.strictObject({ kind: z.literal('matching'), filter: appFilterInput }),
]);

export type BulkChange = z.output<typeof bulkChangeInput>;

export const bulkChangeInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('assign'), add: assignmentsInput, remove: assignmentsInput }),
  z.strictObject({ kind: z.literal('enable') }),
  z.strictObject({ kind: z.literal('disable') }),
  z.strictObject({ kind: z.literal('category'), category: lineOrNone(40) }),
  z.strictObject({ kind: z.literal('delete') }),
]);
