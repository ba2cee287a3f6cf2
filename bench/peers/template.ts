// The peers' configurations lie beside this file; what differs from run to run stands in them as {{name}}.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a configuration with its names filled in. Throws when one has no value. */
export function fillTemplate(file: string, values: Readonly<Record<string, string | number>>): string {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file} wants a value for ${name}.`);
    return String(value);
  });
}
