import { describe } from 'vitest';
import type { Issuer } from '../../support/issuer.ts';
import type { Api } from '../suite/host.ts';
import { consumptionAttacks } from './api10-consumption.ts';
import { objectAttacks } from './api1-objects.ts';
import { authenticationAttacks } from './api2-authentication.ts';
import { propertyAttacks } from './api3-properties.ts';
import { resourceAttacks } from './api4-resources.ts';
import { functionAttacks } from './api5-functions.ts';
import { flowAttacks } from './api6-flows.ts';
import { ssrfAttacks } from './api7-ssrf.ts';
import { misconfigurationAttacks } from './api8-misconfiguration.ts';
import { inventoryAttacks } from './api9-inventory.ts';
import { socketAttacks } from './sockets.ts';

/**
 * What an attacker tries, by the OWASP API Security Top 10 of 2023: none of it may succeed, on no host.
 *
 * @param listens - does the host have a socket, so that anything at all can be sent to it?
 * @see https://owasp.org/API-Security/editions/2023/en/0x11-t10/
 */
export function attackSuite(api: Api, issuer: () => Issuer, listens: boolean): void {
  describe('API1:2023 broken object level authorization', () => objectAttacks(api));
  describe('API2:2023 broken authentication', () => authenticationAttacks(api, issuer));
  describe('API3:2023 broken object property level authorization', () => propertyAttacks(api));
  describe('API4:2023 unrestricted resource consumption', () => resourceAttacks(api));
  describe('API5:2023 broken function level authorization', () => functionAttacks(api));
  describe('API6:2023 unrestricted access to sensitive business flows', () => flowAttacks(api));
  describe('API7:2023 server side request forgery', () => ssrfAttacks(api, issuer));
  describe('API8:2023 security misconfiguration', () => misconfigurationAttacks(api, issuer));
  if (listens) describe('API8:2023 security misconfiguration, on the wire', () => socketAttacks(api));
  describe('API9:2023 improper inventory management', () => inventoryAttacks(api));
  describe('API10:2023 unsafe consumption of APIs', () => consumptionAttacks(api));
}
