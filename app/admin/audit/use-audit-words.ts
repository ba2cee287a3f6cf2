// What the audit's words mean to a reader. A word of another release is shown as it is.
import { useTranslations } from 'next-intl';
import { AUDIT_ACTIONS, AUDIT_OBJECT_KINDS, AUDIT_REASONS } from '#server/core/audit-words.ts';

/** An option's value is the audit's own word: addresses, exports and the API speak it in every language. */
export type WordOption = { value: string; label: string };

export function useAuditWords() {
  const t = useTranslations('audit');
  const action = (word: string): string => (isOneOf(AUDIT_ACTIONS, word) ? t(`actions.${word}`) : word);
  const reason = (word: string): string => (isOneOf(AUDIT_REASONS, word) ? t(`reasons.${word}`) : word);
  const kind = (word: string): string => (isOneOf(AUDIT_OBJECT_KINDS, word) ? t(`kinds.${word}`) : word);
  return {
    action,
    reason,
    kind,
    actionOptions: (chosen: string | undefined) => optionsOf(AUDIT_ACTIONS, action, chosen),
    reasonOptions: (chosen: string | undefined) => optionsOf(AUDIT_REASONS, reason, chosen),
  };
}

/** By what is read. `chosen` is among them even if the list does not have it, such as a provider's name. */
function optionsOf(words: readonly string[], labelOf: (word: string) => string, chosen: string | undefined) {
  const all = new Set(chosen === undefined ? words : [...words, chosen]);
  return Array.from(all, (value): WordOption => ({ value, label: labelOf(value) })).sort((a, b) =>
    a.label.localeCompare(b.label),
  );
}

function isOneOf<Word extends string>(words: readonly Word[], word: string): word is Word {
  return words.some((each) => each === word);
}
