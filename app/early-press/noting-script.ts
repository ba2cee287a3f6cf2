// What notes, from a page's first moment on, which button was pressed before there was anything behind it.

declare global {
  /** The last button that was pressed too early, once; nothing is noted from then on. */
  var foyerPressedEarly: (() => Element | null) | undefined;
}

/**
 * Runs inline, before the buttons are there. Only `type=button`: links and forms work without a script. React takes over what it
 * can at the moment of a click, marks what it has taken over, and keeps the click from everybody behind it where it cannot: so
 * this looks right behind React's own listener, which stands on the document as well.
 */
export const NOTING_SCRIPT = `(() => {
  let pressed = null;
  const isTakenOver = (element) => Object.keys(element).some((key) => key.startsWith('__reactProps$'));
  const begin = ({ target }) => {
    const button = target instanceof Element && target.closest('button[type=button]');
    if (!button || isTakenOver(button)) return;
    const look = () => {
      if (!isTakenOver(button)) pressed = button;
    };
    document.addEventListener('click', look, { capture: true, once: true });
  };
  addEventListener('click', begin, true);
  globalThis.foyerPressedEarly = () => {
    removeEventListener('click', begin, true);
    const last = pressed;
    pressed = null;
    return last;
  };
})();`;
