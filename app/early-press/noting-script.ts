// What notes, from a page's first moment on, which button was pressed before there was anything behind it.

declare global {
  /** The last button that was pressed too early, once; nothing is noted from then on. */
  var foyerPressedEarly: (() => Element | null) | undefined;
}

/**
 * Runs inline, before the buttons are there. Only `type=button`: links and forms work without a script. It looks when everybody
 * else has seen the click, since React takes over what it still can at that moment, and marks what it has taken over.
 */
export const NOTING_SCRIPT = `(() => {
  let pressed = null;
  const isTakenOver = (element) => Object.keys(element).some((key) => key.startsWith('__reactProps$'));
  const note = ({ target }) => {
    const button = target instanceof Element && target.closest('button[type=button]');
    if (button && !isTakenOver(button)) pressed = button;
  };
  addEventListener('click', note);
  globalThis.foyerPressedEarly = () => {
    removeEventListener('click', note);
    const last = pressed;
    pressed = null;
    return last;
  };
})();`;
