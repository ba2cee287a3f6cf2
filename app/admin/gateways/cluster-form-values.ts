// Reads the cluster's form as the values that the store's schema expects, and finds the sentence for a field again.
import { textOf } from '../form/form-values.ts';

export function subClusterOf(form: FormData, key: number) {
  const text = (name: string) => textOf(form, `subClusters.${key}.${name}`).trim();
  const firstNumber = text('firstNumber');
  return {
    label: text('label'),
    nodes: text('nodes'),
    loadBalancers: text('loadBalancers'),
    ...(firstNumber === '' ? {} : { firstNumber: numberOrText(firstNumber) }),
    lan: partsOf(text('lan')),
    nat: partsOf(text('nat')),
  };
}

export function viewOf(form: FormData, key: number) {
  return {
    subnets: partsOf(textOf(form, `views.${key}.subnets`)),
    side: textOf(form, `views.${key}.side`),
  };
}

/** Null for nothing; what is no number stays as it was typed, for the store to refuse. */
export function numberOrText(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^[0-9]{1,6}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** The sentence of a field, or the first one of its entries. */
export function errorAt(errors: Record<string, string>, path: string): string | undefined {
  const below = Object.keys(errors).find((at) => at.startsWith(`${path}.`));
  return errors[path] ?? (below === undefined ? undefined : errors[below]);
}

function partsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '');
}
