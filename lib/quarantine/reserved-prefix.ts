import { reservedPrefix } from '../access/object-key.ts';

/** Where quarantined objects are moved to. */
export const quarantinePrefix = `${reservedPrefix}quarantine/`;

export function isQuarantined(key: string): boolean {
  return key.startsWith(quarantinePrefix);
}
