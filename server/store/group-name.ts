// What a group is called outside of Foyer: a provider's group never passes for a local one, nor for another provider's.

/**
 * A local group's name as it is; a provider's as `provider:group`. Local groups and providers have no colon in their names
 * and providers' names are unique, so the first colon tells the two apart and says whose group it is.
 */
export function publicGroupName({ name, provider }: { name: string; provider: string | null }): string {
  return provider === null ? name : `${provider}:${name}`;
}
