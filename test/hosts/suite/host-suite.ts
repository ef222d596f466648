import { afterAll, beforeAll, describe } from 'vitest';
import { accessSuite } from './access.ts';
import { downloadsSuite } from './downloads.ts';
import { keysSuite } from './keys.ts';
import { Api, type Host } from './host.ts';
import { httpSuite } from './http.ts';
import { objectsSuite } from './objects.ts';
import { revocationSuite } from './revocation.ts';
import { uploadsSuite } from './uploads.ts';
import { versionsSuite } from './versions.ts';
import { webhooksSuite } from './webhooks.ts';

/**
 * What the service does, whatever it runs on.
 *
 * @param open - starts the host with {@link suiteConfiguration} and the tests' root key
 */
export function hostSuite(name: string, open: () => Promise<Host>): void {
  describe(`the service ${name}`, () => {
    let host: Host;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.close());

    const api = new Api(() => host);
    describe('HTTP', () => httpSuite(api));
    describe('access', () => accessSuite(api));
    describe('keys', () => keysSuite(api));
    describe('revocation', () => revocationSuite(api));
    describe('uploads', () => uploadsSuite(api));
    describe('downloads', () => downloadsSuite(api));
    describe('objects', () => objectsSuite(api));
    describe('versions', () => versionsSuite(api));
    describe('webhooks', () => webhooksSuite(api));
  });
}
