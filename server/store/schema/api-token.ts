// An API token as its form gives it: what it is for, what it may do, and for how long.
import { z } from 'zod';
import { SCOPES } from '#server/core/scope.ts';
import { line, listOf } from './field.ts';

const DEFAULT_TOKEN_DAYS = 90;
const MAX_TOKEN_DAYS = 365;

export const tokenInput = z.strictObject({
  name: line(80),
  scopes: listOf(z.enum(SCOPES), SCOPES.length).refine((scopes) => scopes.length > 0, {
    message: 'This token could do nothing. Choose at least one permission.',
  }),
  days: z
    .int('Give a whole number of days.')
    .min(1, 'The shortest is one day.')
    .max(MAX_TOKEN_DAYS, 'The longest is one year, 365 days.')
    .default(DEFAULT_TOKEN_DAYS),
});
