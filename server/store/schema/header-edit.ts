// Which headers an app's settings may change: those that nobody trusts and no connection depends on.
import { z } from 'zod';
import type { HeaderEdit } from '#server/core/app.ts';
import { headerClass } from '#server/core/header-names.ts';
import { listOf } from './field.ts';

const MAX_EDITS = 32;
const MAX_NAME = 100;
const MAX_VALUE = 4_096;

export const headerEdits: z.ZodType<HeaderEdit[]> = listOf(
  z.strictObject({
    name: z.string().transform((text, context) => {
      const name = text.trim();
      const problem = nameProblem(name);
      if (problem === null) return name;
      context.addIssue({ code: 'custom', message: problem });
      return z.NEVER;
    }),
    value: z
      .string()
      .transform((text) => text.trim())
      .pipe(
        z
          .string()
          .max(MAX_VALUE, `This value is too long. Use at most ${MAX_VALUE} characters.`)
          // RFC 9110 §5.5, without what is only there for old recipients.
          .regex(/^[\t\x20-\x7e]*$/, 'This holds a character that no header may carry. Use plain ASCII on one line.'),
      )
      .nullable(),
  }),
  MAX_EDITS,
  ({ name }) => name.toLowerCase(),
);

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function nameProblem(name: string): string | null {
  if (name === '') return 'This has no name. Write one such as X-Environment, or remove the line.';
  if (name.length > MAX_NAME || !TOKEN.test(name)) {
    return 'This is no header name. Write letters, digits and hyphens, without a colon.';
  }
  const kind = headerClass(name);
  switch (kind) {
    case 'reserved':
      return 'Apps trust this header to come from Foyer alone, so it cannot be changed. Choose another name.';
    case 'hop':
    case 'framing':
      return 'This header belongs to the connection and is written by Foyer. Choose another name.';
    case 'host':
      return 'The Host that the app sees is chosen with its upstream. Choose another name.';
    case 'cookie':
      return COOKIES;
    case 'pass':
      return OWN_WORDS.get(name.toLowerCase()) ?? (/^sec-websocket-/i.test(name) ? CONNECTION : null);
    default:
      return kind satisfies never;
  }
}

const COOKIES = 'Cookies belong to the app and to the person, so they cannot be changed here. Choose another name.';
const CONNECTION = 'This header belongs to the connection and is written by Foyer. Choose another name.';
const GATEWAY = 'This header speaks for the whole host name and is the gateway’s to send. Choose another name.';

/** Names that pass from the app, but not from its settings. */
const OWN_WORDS = new Map([
  ['set-cookie', COOKIES],
  ['via', CONNECTION],
  ['strict-transport-security', GATEWAY],
  ['alt-svc', GATEWAY],
  ['clear-site-data', GATEWAY],
  ['public-key-pins', GATEWAY],
  ['public-key-pins-report-only', GATEWAY],
]);
