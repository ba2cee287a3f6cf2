// What the doctor finds: one sentence each, with what to do where something is wrong.

/** `check` is a stable kebab-case word for scripts. A warning works today; an error does not. */
export type Finding = {
  level: 'ok' | 'warning' | 'error';
  check: string;
  sentence: string;
  /** The line of a zone file that mends it, where one does. */
  record?: string;
};

export function ok(check: string, sentence: string): Finding {
  return { level: 'ok', check, sentence };
}

export function warning(check: string, sentence: string): Finding {
  return { level: 'warning', check, sentence };
}

export function error(check: string, sentence: string): Finding {
  return { level: 'error', check, sentence };
}
