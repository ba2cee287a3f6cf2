// How much may be under way at once: half of it one client's, so that who asks for names that nobody answers for leaves room to the others.

export type Allowance = {
  /** Reports whether one more of this client's may begin; what began has to be given back. */
  take(client: string): boolean;
  giveBack(client: string): void;
};

export function createAllowance(most: number): Allowance {
  const takenBy = new Map<string, number>();
  let taken = 0;
  return {
    take(client) {
      const own = takenBy.get(client) ?? 0;
      if (taken >= most || own >= Math.ceil(most / 2)) return false;
      taken++;
      takenBy.set(client, own + 1);
      return true;
    },
    giveBack(client) {
      taken--;
      const left = (takenBy.get(client) ?? 1) - 1;
      if (left > 0) takenBy.set(client, left);
      else takenBy.delete(client);
    },
  };
}
