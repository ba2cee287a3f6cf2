// Puts the focus on the first mistake of a step.

export function focusFirstError(): void {
  const first = document.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
  first?.focus();
  first?.scrollIntoView({ block: 'center' });
}
