// How far a browser's clock is from the portal's, in words.

/** Pages need a moment to arrive, so only a gap of more than a minute is one. */
const TOLERANCE_MS = 60_000;

export function clockSentence(skewMs: number): { isGood: boolean; sentence: string } {
  if (Math.abs(skewMs) <= TOLERANCE_MS) return { isGood: true, sentence: 'The clock of this device is right.' };
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const amount = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return {
    isGood: false,
    sentence: `The clock of this device is ${amount} ${skewMs > 0 ? 'fast' : 'slow'}. Set it right.`,
  };
}
