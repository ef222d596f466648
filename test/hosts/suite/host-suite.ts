import { afterAll, beforeAll, describe } from 'vitest';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { attackSuite } from '../attacks/attack-suite.ts';
import { accessSuite } from './access.ts';
import { cdnSuite } from './cdn.ts';
import { downloadsSuite } from './downloads.ts';
import { keysSuite } from './keys.ts';
import { Api, type Host, type SuiteConfiguration, trusting } from './host.ts';
import { httpSuite } from './http.ts';
import { lifecycleSuite } from './lifecycle.ts';
import { objectsSuite } from './objects.ts';
import { revocationSuite } from './revocation.ts';
import { singleUseSuite } from './single-use.ts';
import { uploadsSuite } from './uploads.ts';
import { versionsSuite } from './versions.ts';
import { eventsSuite } from './events.ts';
import { webhooksSuite } from './webhooks.ts';

/**
 * What the service does, whatever it runs on.
 *
 * @param open - starts the host with this configuration and the tests' root key
 * @param attacks - is it attacked too: by requests alone, or also by bytes on its socket? Default: not at all
 */
export function hostSuite(
  name: string,
  open: (configuration: SuiteConfiguration) => Promise<Host>,
  { attacks }: { attacks?: 'requests' | 'sockets' } = {},
): void {
  describe(`the service ${name}`, () => {
    let issuer: Issuer;
    let host: Host;
    beforeAll(async () => {
      issuer = await startIssuer();
      host = await open(trusting(issuer.address));
      // Processes, a database among them, on a machine that may be busy.
    }, 240_000);
    afterAll(async () => {
      await host.close();
      await issuer.close();
    });

    const api = new Api(() => host);
    describe('HTTP', () => httpSuite(api));
    describe('access', () => accessSuite(api));
    describe('keys', () => keysSuite(api));
    describe('revocation', () => revocationSuite(api));
    describe('single-use tokens', () => singleUseSuite(api));
    describe('uploads', () => uploadsSuite(api));
    describe('downloads', () => downloadsSuite(api));
    describe('the CDN', () => cdnSuite(api));
    describe('objects', () => objectsSuite(api));
    describe('lifecycle', () => lifecycleSuite(api));
    describe('versions', () => versionsSuite(api));
    describe('events', () => eventsSuite(api));
    describe('webhooks', () => webhooksSuite(api));
    if (attacks) attackSuite(api, () => issuer, attacks === 'sockets');
  });
}
