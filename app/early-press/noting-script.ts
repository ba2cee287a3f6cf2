// What notes, from a page's first moment on, which button was pressed before there was anything behind it.

declare global {
  /** The last button that was pressed, if nobody heard of it; once, and nothing is noted from then on. */
  var foyerPressedEarly: (() => Element | null) | undefined;
}

/**
 * Runs inline, before the buttons are there. Only `type=button`: links and forms work without a script. React listens on the
 * document from the moment at which it begins, and while it cannot take over what was clicked it stops the click there: so nobody
 * heard of a click before that moment, nor of one that did not get to its target.
 */
export const NOTING_SCRIPT = `(() => {
  let last = null;
  const isReactThere = () => Object.keys(document).some((key) => key.startsWith('_reactListening'));
  const note = ({ target }) => {
    const button = target instanceof Element && target.closest('button[type=button]');
    if (!button) return;
    const press = { button, isReactThere: isReactThere(), hasArrived: false };
    last = press;
    const arrive = () => {
      press.hasArrived = true;
    };
    target.addEventListener('click', arrive, { capture: true, once: true });
  };
  addEventListener('click', note, true);
  globalThis.foyerPressedEarly = () => {
    removeEventListener('click', note, true);
    const press = last;
    last = null;
    return press && !(press.isReactThere && press.hasArrived) ? press.button : null;
  };
})();`;
