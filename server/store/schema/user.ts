// People and groups as forms and files give them.
import { z } from 'zod';
import { ROLES } from '#server/core/identity.ts';
import { email } from './email.ts';
import { id, line, listOf, nameWithoutColon } from './field.ts';

/** Length is what makes a password hard to guess (NIST SP 800-63B §5.1.1.2); nothing is asked of its characters. */
export const password = z
  .string()
  .min(8, 'This password is too short. Use at least 8 characters; a few words are good.')
  .max(1000, 'This password is too long. Use at most 1,000 characters.');

export type UserInput = z.output<typeof userInput>;

export const userInput = z.strictObject({
  email,
  name: line(120),
  role: z.enum(ROLES).default('member'),
  disabled: z.boolean().default(false),
  /** Null: a local account. Decided when the person is made; absent or the same afterwards. */
  providerId: id.nullable().optional(),
  /** Absent or null: stays as it is, and a new account waits for its set-password link. */
  password: password.nullable().optional(),
});

export const passwordChangeInput = z.strictObject({ current: z.string().max(1000), next: password });
export const passwordInput = z.strictObject({ password });
export const firstAdminInput = z.strictObject({ email, name: line(120), password });

export const groupInput = z.strictObject({ name: nameWithoutColon(80) });
export const membersInput: z.ZodType<string[]> = listOf(id, 5000);
