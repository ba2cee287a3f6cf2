// Who is asked before a page is left: a form with something typed in it holds whoever leaves, until they have said what they want.

/** Given the leaving itself: to be called when the person says so. */
export type Holder = (leave: () => void) => void;

/** `form`: the one that it speaks for, while it is on the page. */
type Holding = { form(): Element | null; isUnsaved(): boolean; hold: Holder };

const holders = new Set<Holding>();

/** Until the returned function is called. */
export function holdLeaving(holder: Holding): () => void {
  holders.add(holder);
  return () => void holders.delete(holder);
}

/** Leaves at once, or when the person has said that what they typed may go. */
export function leaveFor(leave: () => void): void {
  const holding = [...holders].find((each) => each.isUnsaved());
  if (holding) holding.hold(leave);
  else leave();
}

/** Null for a form that nobody speaks for. */
export function isFormUnsaved(form: Element): boolean | null {
  return [...holders].find((each) => each.form() === form)?.isUnsaved() ?? null;
}

/** What a form would send, comparable: a file counts by its name and size, and `chosen` is what no field of the form holds. */
export function formPrint(form: FormData, chosen: unknown): string {
  const fields = [...form].map(([name, value]) => [
    name,
    typeof value === 'string' ? value : `${value.name} ${value.size}`,
  ]);
  return JSON.stringify([fields, chosen ?? null]);
}

export type Click = {
  button: number;
  isModified: boolean;
  /** Another click handler has already taken it over. */
  isPrevented: boolean;
  target: string;
  isDownload: boolean;
  href: string;
  here: string;
};

/** Reports whether a click on a link puts another page in the place of this one. */
export function leavesPage({ button, isModified, isPrevented, target, isDownload, href, here }: Click): boolean {
  if (isPrevented || button !== 0 || isModified || isDownload || (target !== '' && target !== '_self')) return false;
  const [to, from] = [new URL(href, here), new URL(here)];
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return false;
  // A fragment of this page is a place in it.
  return to.href.split('#')[0] !== from.href.split('#')[0] || to.hash === '';
}
