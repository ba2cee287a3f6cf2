// A person where people are chosen from a list, and how many of them are shown before anybody searches.
export type Person = { userId: string; name: string; email: string };

export const SUGGESTED = 50;
