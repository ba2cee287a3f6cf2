// Parses what comes from outside with a schema, and turns every mistake into a sentence beside its field.
import { z } from 'zod';
import type { FieldErrors } from '../saved.ts';

export type Parsed<T> = { kind: 'parsed'; value: T } | { kind: 'invalid'; errors: FieldErrors };

export function parseInput<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const result = tried(schema, input);
  if (result === null) return { kind: 'invalid', errors: { '': UNREADABLE } };
  if (result.success) return { kind: 'parsed', value: result.data };
  // The first sentence of a field is the one to act on.
  const errors = new Map<string, string>();
  for (const issue of result.error.issues) {
    for (const path of pathsOf(issue)) {
      if (!errors.has(path)) errors.set(path, issue.message);
    }
  }
  return { kind: 'invalid', errors: Object.fromEntries(errors) };
}

/** Null for what throws: zod compares a `length` before it looks what has it, and one without a prototype compares with nothing. */
function tried<T>(schema: z.ZodType<T>, input: unknown): z.ZodSafeParseResult<T> | null {
  try {
    return z.safeParse(schema, input, { error: sentence });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function pathsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [path.join('.')];
  return issue.keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => [...path, key.slice(0, MAX_KEY_LENGTH)].join('.'));
}

/** A hostile input with a million keys gets no million sentences. */
const MAX_UNKNOWN_KEYS = 20;
const MAX_KEY_LENGTH = 100;

/** For what a schema has no sentence of its own. */
function sentence(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined || issue.input === null
        ? 'This is missing. Fill it in.'
        : `This is not of the right kind. Give ${KINDS[issue.expected] ?? issue.expected}.`;
    case 'unrecognized_keys':
      return 'There is no such field. Remove it.';
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `This is too short. Give at least ${issue.minimum}.`
        : `This is too small. The least is ${issue.minimum}.`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `This is too long. The most is ${issue.maximum}.`
        : `This is too large. The most is ${issue.maximum}.`;
    case 'invalid_value':
      return `This is none of the choices. Choose one of: ${issue.values.map(String).join(', ')}.`;
    default:
      return UNREADABLE;
  }
}

const UNREADABLE = 'This cannot be understood. Check it and try again.';

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'a set of fields',
};
