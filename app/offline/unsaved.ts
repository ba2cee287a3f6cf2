// Whether somebody typed something on this page that a reload would lose. When in doubt, yes: they are asked.

let typed = false;

export function hasUnsavedInput(): boolean {
  return typed;
}

/** Listens until the returned function is called. A search is not worth a question. */
export function watchInput(): () => void {
  function onInput({ target }: Event) {
    if (target instanceof HTMLElement && target.closest('form') && !target.matches('[type=search]')) typed = true;
  }
  document.addEventListener('input', onInput);
  return () => document.removeEventListener('input', onInput);
}
