import { describe } from 'vitest';
import type { Issuer } from '../../support/issuer.ts';
import type { Api } from '../suite/host.ts';
import { misconfigurationAttacks } from './api8-misconfiguration.ts';
import { resourceAttacks } from './api4-resources.ts';
import { socketAttacks } from './sockets.ts';

/**
 * What an attacker tries, by the OWASP API Security Top 10 of 2023: none of it may succeed, on no host.
 *
 * @param listens - does the host have a socket, so that anything at all can be sent to it?
 * @see https://owasp.org/API-Security/editions/2023/en/0x11-t10/
 */
export function attackSuite(api: Api, issuer: () => Issuer, listens: boolean): void {
  describe('API4:2023 unrestricted resource consumption', () => resourceAttacks(api));
  describe('API8:2023 security misconfiguration', () => misconfigurationAttacks(api, issuer));
  if (listens) describe('API8:2023 on the wire', () => socketAttacks(api));
}
