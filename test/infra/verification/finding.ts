import type { Cloud, Placed } from './cloud.ts';

/** What a check has against a resource. */
export interface Finding {
  /** The rule that it breaks, in the words of the tool that found it. */
  readonly rule: string;
  /** Where: `Stowage-prod-Data/EncryptionKey1B843E66`. */
  readonly at: string;
  readonly message: string;
}

/** Looks over everything that a stage deploys. No finding means that all is well. */
export type Check = (cloud: Cloud) => Promise<readonly Finding[]> | readonly Finding[];

export function placeOf({ stack, id }: Pick<Placed, 'stack' | 'id'>): string {
  return `${stack.name}/${id}`;
}
