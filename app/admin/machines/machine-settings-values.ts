// The settings of machines' names as form fields, and back. What is no number or no record stays wrong, for the store to refuse.
import type { FieldErrors } from '#server/store/saved.ts';
import { linesOf, textOf } from '../form/form-values.ts';

export function machineSettingsOf(form: FormData): Record<string, unknown> {
  return {
    zone: textOf(form, 'zone').trim() || null,
    search: linesOf(form, 'search'),
    range: textOf(form, 'range'),
    heartbeatSeconds: numberOf(textOf(form, 'heartbeatSeconds')),
    listedHours: textOf(form, 'listedHours').trim() === '' ? null : numberOf(textOf(form, 'listedHours')),
    records: linesOf(form, 'records').map(recordOf),
  };
}

/** `printer 192.168.1.9`. */
export function recordText({ name, address }: { name: string; address: string }): string {
  return `${name} ${address}`;
}

/** A record is one line of the form: what is wrong with a part of it stands beside the line. */
export function lineErrors(errors: FieldErrors): FieldErrors {
  return Object.fromEntries(
    Object.entries(errors).map(([path, sentence]) => [path.replace(/^(records\.\d+)\..*$/, '$1'), sentence]),
  );
}

function recordOf(line: string): { name: string; address: string } {
  const [name = '', ...rest] = line.split(/\s+/);
  return { name, address: rest.join(' ') };
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
