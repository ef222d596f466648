import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import * as https from 'node:https';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type PeerCertificate, type SecureVersion } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseStandaloneEnvironment } from '../../lib/config/standalone-environment.ts';
import { listen } from '../../lib/hosts/node.ts';
import { type StandaloneService, startStandalone } from '../../lib/hosts/standalone.ts';
import { openTls } from '../../lib/hosts/tls.ts';
import {
  canMakeCertificates,
  type Certificate,
  type Certificates,
  makeCertificates,
  replace,
} from '../support/certificates.ts';
import { findProgram } from '../support/programs.ts';
import { rootKey } from '../support/service.ts';

const curl = findProgram('curl');

describe.skipIf(!canMakeCertificates)('TLS', () => {
  let certificates: Certificates;
  let server: Certificate;
  let client: Certificate;
  let stranger: Certificate;

  beforeAll(() => {
    certificates = makeCertificates();
    server = certificates.server('server');
    const ca = certificates.ca('ca');
    client = certificates.client('client', '/O=acme/OU=ops/OU=backup/CN=night-job', ca);
    stranger = certificates.client('stranger', '/O=acme/OU=ops/CN=night-job', certificates.ca('other-ca'));
  });
  afterAll(() => certificates.remove());

  async function start(name: string, clientCaPath?: string): Promise<StandaloneService> {
    const configPath = join(certificates.folder, `${name}.json`);
    const when = { OU: 'backup' };
    const grants = [{ when, bucket: 'files', prefix: '${tenant}/', actions: ['read', 'write'] }];
    await writeFile(
      configPath,
      JSON.stringify({
        buckets: { files: {} },
        access: { clientCertificates: { tenantClaim: 'O', grants } },
      }),
    );
    return startStandalone(
      parseStandaloneEnvironment({
        STOWAGE_CONFIG: configPath,
        STOWAGE_DATA_DIR: join(certificates.folder, name),
        STOWAGE_API_PORT: '0',
        STOWAGE_S3_PORT: '0',
        STOWAGE_ROOT_KEY: rootKey,
        STOWAGE_TLS_CERT: server.certPath,
        STOWAGE_TLS_KEY: server.keyPath,
        STOWAGE_TLS_CLIENT_CA: clientCaPath,
      }),
      () => undefined,
    );
  }

  const trusting = (): ConnectionOptions => ({
    ca: server.cert,
    servername: 'files.example.com',
    host: '127.0.0.1',
  });
  const asClient = (who: Certificate) => ({ cert: who.cert, key: who.key });

  describe('on both ports', () => {
    let service: StandaloneService;
    beforeAll(async () => {
      service = await start('plain');
    });
    afterAll(() => service.stop());

    const ports = [
      ['API', () => service.apiUrl],
      ['S3', () => service.s3Url],
    ] as const;

    test.each(ports)('%s: 1.2 and 1.3 are spoken, and nothing older', async (_, url) => {
      expect(await protocolOf(url(), { minVersion: 'TLSv1.3' })).toBe('TLSv1.3');
      expect(await protocolOf(url(), { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
      for (const version of ['TLSv1.1', 'TLSv1'] satisfies SecureVersion[]) {
        // Security level 0 is what lets this client offer them at all.
        const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
        await expect(protocolOf(url(), old)).rejects.toThrow(/protocol.version/i);
      }
    });

    test.each(ports)('%s: ciphers without forward secrecy or authentication are refused', async (_, url) => {
      for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA']) {
        await expect(protocolOf(url(), { maxVersion: 'TLSv1.2', ciphers })).rejects.toThrow(
          /handshake.failure/i,
        );
      }
      expect(
        await protocolOf(url(), { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
      ).toBe('TLSv1.2');
    });

    test.each(ports)('%s: nothing is said in the clear', async (_, url) => {
      await expect(fetch(url().replace('https:', 'http:'))).rejects.toThrow('fetch failed');
    });

    test('an upload goes its whole way, the service itself included', async () => {
      const upload = await call(service, 'POST', '/v1/uploads', { bucket: 'files', key: 'a', sizeBytes: 2 });
      expect(upload.status).toBe(201);
      const { put, uploadId } = upload.body;
      expect(await send(put.url, { method: 'PUT', headers: put.headers }, 'hi')).toMatchObject({
        status: 200,
      });
      const completed = await call(service, 'POST', `/v1/uploads/${uploadId}/complete`);
      expect(completed).toMatchObject({ status: 200, body: { key: 'a', sizeBytes: 2 } });
      expect(await call(service, 'GET', '/health/ready')).toMatchObject({ status: 200 });
    });

    test('the store tells its own address as it was reached', async () => {
      const command = { bucket: 'files', key: 'form', sizeBytes: 2, method: 'form' };
      const { form } = (await call(service, 'POST', '/v1/uploads', command)).body;
      const data = new FormData();
      for (const [name, value] of Object.entries<string>(form.fields)) data.set(name, value);
      data.append('file', new Blob(['hi']));
      const request = new Request(form.url, { method: 'POST', body: data });
      const headers = { 'content-type': request.headers.get('content-type') ?? '' };
      const answer = await send(form.url, { method: 'POST', headers }, await request.text());
      expect(answer.status).toBe(201);
      expect(answer.body).toContain(`<Location>${form.url}/form</Location>`);
    });

    test.skipIf(curl === undefined)('curl, which brings another TLS library, comes in', async () => {
      const { port } = new URL(service.apiUrl);
      const { stdout } = await promisify(execFile)(curl ?? 'curl', [
        '--silent',
        '--show-error',
        '--cacert',
        server.certPath,
        '--resolve',
        `files.example.com:${port}:127.0.0.1`,
        `https://files.example.com:${port}/health/live`,
      ]);
      expect(JSON.parse(stdout)).toEqual({ status: 'ok' });
    });
  });

  describe('mutual, on both ports', () => {
    let service: StandaloneService;
    beforeAll(async () => {
      service = await start('mutual', join(certificates.folder, 'ca.pem'));
    });
    afterAll(() => service.stop());

    test('nobody comes in without a certificate of the CA', async () => {
      for (const url of [service.apiUrl, service.s3Url]) {
        await expect(send(`${url}/health/live`)).rejects.toThrow();
        await expect(send(`${url}/health/live`, asClient(stranger))).rejects.toThrow();
        await expect(
          send(`${url}/health/live`, { ...asClient(client), cert: server.cert, key: client.key }),
        ).rejects.toThrow();
        expect((await send(`${url}/health/live`, asClient(client))).status).toBeGreaterThanOrEqual(200);
      }
    });

    test("the certificate's subject says who calls and what they may do", async () => {
      const { status, body } = await send(`${service.apiUrl}/v1/me`, asClient(client));
      expect(status).toBe(200);
      expect(JSON.parse(body)).toMatchObject({
        principal: { kind: 'certificate', sub: 'night-job' },
        tenant: 'acme',
        grants: [{ bucket: 'files', prefix: 'acme/', actions: ['read', 'write'] }],
      });
    });

    test('a key in the header goes before the certificate', async () => {
      const answer = await call(service, 'GET', '/v1/me', undefined, asClient(client));
      expect(answer.body).toMatchObject({ principal: { kind: 'root' } });
      const headers = { authorization: 'Bearer stow_wrong' };
      expect(await send(`${service.apiUrl}/v1/me`, { ...asClient(client), headers })).toMatchObject({
        status: 401,
      });
    });

    test.each(['cross-site', 'same-site'])(
      'API8:2023: a %s request that a browser was made to send changes nothing in the name of its certificate',
      async (site) => {
        const ask = (method: string, headers: Record<string, string>) =>
          send(
            `${service.apiUrl}/v1/uploads`,
            { ...asClient(client), method, headers: { 'content-type': 'application/json', ...headers } },
            JSON.stringify({ bucket: 'files', key: 'acme/a', sizeBytes: 1 }),
          );
        expect(await ask('POST', { 'sec-fetch-site': site })).toMatchObject({ status: 401 });
        expect(await ask('POST', { 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 201 });
        expect(await ask('POST', {})).toMatchObject({ status: 201 });
      },
    );

    test('the service reaches its own store', async () => {
      const answer = await call(service, 'GET', '/health/ready', undefined, asClient(client));
      expect(answer).toMatchObject({ status: 200, body: { checks: { storage: { status: 'ok' } } } });
    });
  });

  test('a certificate is replaced while the server runs, and one that is no good is not', async () => {
    const place = certificates.server('place');
    const renewed = certificates.server('renewed');
    const entries: string[] = [];
    const tls = openTls(place, (level, message) => entries.push(`${level}: ${message}`), 0.02);
    const replaced = tls.createServer({});
    const port = await listen(replaced, 0, '127.0.0.1');
    const waitFor = (check: () => void) => vi.waitFor(check, { timeout: 10_000 });
    const shown = async () => (await handshake(port)).fingerprint256;
    try {
      const first = await shown();
      await writeFile(place.certPath, 'no certificate');
      await waitFor(() => expect(entries).toHaveLength(1));
      expect(entries[0]).toMatch(/^error: .*the old certificate stays/);
      expect(await shown()).toBe(first);

      await writeFile(place.certPath, renewed.cert);
      await waitFor(() => expect(entries).toHaveLength(2));
      expect(entries[1], 'the key is still the old one').toMatch(/^error/);
      expect(await shown()).toBe(first);

      replace(place, renewed);
      await waitFor(() => expect(entries.at(-1)).toBe('info: The TLS certificate was replaced'));
      expect(await shown()).not.toBe(first);
      expect(tls.identity().ca).toBe(renewed.cert);
    } finally {
      tls.close();
      await new Promise((resolve) => replaced.close(resolve));
    }
  });

  test('the service does not start with a key that is not the certificate’s', () => {
    expect(() => openTls({ certPath: server.certPath, keyPath: stranger.keyPath }, () => undefined)).toThrow(
      /key values mismatch/i,
    );
  });

  function protocolOf(url: string, options: ConnectionOptions): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...trusting(), port: Number(new URL(url).port), ...options }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      }).on('error', reject);
    });
  }

  async function call(
    service: StandaloneService,
    method: string,
    path: string,
    body?: unknown,
    options: https.RequestOptions = {},
  ) {
    const headers = { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' };
    const text = body === undefined ? '' : JSON.stringify(body);
    const answer = await send(`${service.apiUrl}${path}`, { ...options, method, headers }, text);
    return { status: answer.status, body: JSON.parse(answer.body) };
  }

  function send(url: string, options: https.RequestOptions = {}, body = '') {
    return new Promise<{ status: number; body: string }>((resolve, reject) => {
      https
        .request(url, { ...trusting(), agent: false, ...options }, (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => (text += chunk))
            .on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        })
        .on('error', reject)
        .end(body);
    });
  }

  function handshake(port: number): Promise<PeerCertificate> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      }).on('error', reject);
    });
  }
});
