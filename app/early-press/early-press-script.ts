// What makes a button that is pressed before the page's script can hear it do its work as soon as it can.

/**
 * Runs inline, before the buttons are there. Only `type=button`: links and forms work without a script. React listens on the
 * document from the moment at which it begins, and while it cannot take over what was pressed it stops the event there: so nobody
 * heard of an event before that moment, nor of one that did not get to its button. Which of the two it was is known once the event
 * is over, and no sooner: React may take over the whole page while it is under way. Menus open when the pointer goes down,
 * everything else by the click, so both are repeated, for a minute, or until they get there or something else is pressed.
 */
export const EARLY_PRESS_SCRIPT = `(() => {
  const AGAIN_MS = 50;
  const LONGEST_MS = 60_000;
  let press = { isOver: true };
  const isReactThere = () => Object.keys(document).some((key) => key.startsWith('_reactListening'));
  const watch = (type, target) => {
    let arrived = false;
    const arrive = () => {
      arrived = true;
    };
    target.addEventListener(type, arrive, { capture: true });
    return () => {
      target.removeEventListener(type, arrive, { capture: true });
      return arrived;
    };
  };
  const repeat = (own) => {
    if (own !== press || performance.now() > own.until || own.button.matches(':disabled') || !own.button.isConnected) return;
    while (isReactThere() && own.missed.length > 0) {
      const type = own.missed[0];
      // What has opened by the click would take a pointer that goes down for one beside it.
      if (type === 'pointerdown' && own.button.ariaExpanded === 'true') {
        own.missed.shift();
        continue;
      }
      const down = { bubbles: true, cancelable: true, pointerType: 'mouse', button: 0 };
      const hasArrived = watch(type, own.button);
      if (type === 'click') own.button.click();
      else own.button.dispatchEvent(new PointerEvent(type, down));
      if (!hasArrived()) break;
      own.missed.shift();
    }
    if (own.missed.length > 0) setTimeout(repeat, AGAIN_MS, own);
  };
  const note = ({ type, target, isTrusted }) => {
    const button = isTrusted && target instanceof Element && target.closest('button[type=button]');
    if (!button) return;
    // A click by the keyboard has no pointer that went down.
    if (type === 'pointerdown' || press.isOver || press.button !== button) press = { button, missed: [], isOver: false, until: performance.now() + LONGEST_MS };
    const own = press;
    own.isOver = type === 'click';
    const wasReactThere = isReactThere();
    const hasArrived = watch(type, target);
    setTimeout(() => {
      if (!hasArrived() || !wasReactThere) own.missed.push(type);
      if (type === 'click') repeat(own);
    });
  };
  addEventListener('pointerdown', note, true);
  addEventListener('click', note, true);
})();`;
