// Lends this document's nonce to the styles that Radix's dialogs add while they are open; import it beside a dialog.

// The name under which style-singleton, which Radix uses, looks for a nonce.
const page = globalThis as typeof globalThis & { __webpack_nonce__?: string };

if (typeof document !== 'undefined') {
  page.__webpack_nonce__ ??= document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce;
}
