// Whether somebody typed something on this page that a reload would lose. When in doubt, yes: they are asked.
import { isFormUnsaved } from '../unsaved/leaving.ts';

const typedIn = new Set<HTMLFormElement>();

/** A form that knows what is stored says so itself; any other may hold something for as long as it is there. */
export function hasUnsavedInput(): boolean {
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
