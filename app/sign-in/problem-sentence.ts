// What the sign-in page says when it did not work: a sentence that helps the person and tells a stranger nothing.

export function problemSentence(problem: { kind: string; waitSeconds?: number }): string {
  switch (problem.kind) {
    case 'refused':
      return 'E-mail or password is not right. Check both and try again.';
    case 'throttled':
      return `Too many attempts. Try again in ${inWords(problem.waitSeconds ?? 0)}.`;
    case 'not-invited':
      return 'You proved who you are, but this account is not invited here. Ask an administrator to add you.';
    case 'unavailable':
      return 'Sign-in is not possible right now. Try again in a minute.';
    default:
      return 'The sign-in did not complete. Start again from here.';
  }
}

function inWords(seconds: number): string {
  const safe = Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 60;
  if (safe < 60) return safe === 1 ? '1 second' : `${safe} seconds`;
  const minutes = Math.ceil(safe / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
