// Whether there is something on this page that a reload would lose: what was typed, or what is shown once. When in doubt, yes: they are asked.
import { isFormUnsaved } from '../unsaved/leaving.ts';

const typedIn = new Set<HTMLFormElement>();

/** What is shown once says so by `data-shown-once`. A form that knows what is stored says so itself; any other may hold something for as long as it is there. */
export function hasUnsavedInput(): boolean {
  if (document.querySelector('[data-shown-once]') !== null) return true;
  return [...typedIn].some((form) => form.isConnected && isFormUnsaved(form) !== false);
}

/** Listens until the returned function is called. A search is not worth a question. */
export function watchInput(): () => void {
  function onInput({ target }: Event) {
    const form = target instanceof HTMLElement && !target.matches('[type=search]') ? target.closest('form') : null;
    if (!form || typedIn.has(form)) return;
    for (const gone of typedIn) if (!gone.isConnected) typedIn.delete(gone);
    typedIn.add(form);
  }
  document.addEventListener('input', onInput);
  return () => document.removeEventListener('input', onInput);
}
