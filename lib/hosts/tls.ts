import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as http from 'node:http';
import * as https from 'node:https';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { TlsFiles } from '../config/standalone-environment.ts';
import type { TlsIdentity } from '../storage/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import { watchFiles } from './watch-files.ts';

/** HTTPS, mutual if a CA for clients is given, with certificates that may be replaced while the servers run. */
export interface Tls {
  /** Makes a server that always has the newest certificate. */
  readonly createServer: (options: http.ServerOptions) => https.Server;
  /** How the service's own requests reach a server made here. Asked for every request. */
  readonly identity: () => TlsIdentity;
  readonly close: () => void;
}

/** TLS 1.3's suites, and of 1.2 those with forward secrecy and authenticated encryption (RFC 9325, section 4.2). */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/**
 * @param files - PEM: the server's certificate with its chain, its key, and the CA of clients
 * @param reloadSeconds - how soon a change of the files is noticed
 * @throws Error when a file cannot be read, or key and certificate do not fit together
 */
export function openTls(files: TlsFiles, log: Log, reloadSeconds = 5): Tls {
  const paths = [
    files.certPath,
    files.keyPath,
    ...(files.clientCaPath === undefined ? [] : [files.clientCaPath]),
  ];
  const isMutual = files.clientCaPath !== undefined;
  const servers: https.Server[] = [];
  const contents = paths.map((path) => readFileSync(path, 'utf8'));
  let material = readMaterial(contents);

  const stopWatching = watchFiles({
    paths,
    contents,
    everySeconds: reloadSeconds,
    onChange: (renewed) => {
      material = readMaterial(renewed);
      for (const server of servers) server.setSecureContext(material.context);
      log('info', 'The TLS certificate was replaced', { expiresAt: material.certificate.validTo });
    },
    onError: (error) =>
      log('error', 'The new TLS files cannot be used; the old certificate stays', { error }),
  });

  /** A client that the CA vouches for; or the service itself, which shows that it has the server's own key. */
  function isWelcome(socket: TLSSocket): boolean {
    return (
      socket.authorized ||
      socket.getPeerX509Certificate()?.fingerprint256 === material.certificate.fingerprint256
    );
  }

  return {
    createServer: (options) => {
      // A server's certificate is mostly not made out for clients too, so OpenSSL alone would turn the service away.
      const server = https.createServer({
        ...options,
        ...material.context,
        handshakeTimeout: 10_000,
        requestCert: isMutual,
        rejectUnauthorized: false,
      });
      if (isMutual) {
        server.prependListener('secureConnection', (socket) => {
          if (!isWelcome(socket)) socket.destroy();
        });
      }
      servers.push(server);
      return server;
    },
    identity: () => material.identity,
    close: stopWatching,
  };
}

interface Material {
  readonly certificate: X509Certificate;
  readonly context: SecureContextOptions;
  readonly identity: TlsIdentity;
}

function readMaterial([cert = '', key = '', clientCa]: readonly string[]): Material {
  const certificate = new X509Certificate(cert);
  const context = {
    cert,
    key,
    ...(clientCa !== undefined && { ca: clientCa }),
    minVersion: 'TLSv1.2',
    ciphers,
    // Sessions resumed by an old ticket would go on under the certificates of before.
    ticketKeys: randomBytes(48),
  } as const;
  // Throws on what cannot be used, before anything depends on it.
  createSecureContext(context);
  return {
    certificate,
    context,
    identity: {
      ca: cert,
      cert,
      key,
      allowPartialTrustChain: true,
      // The certificate itself is trusted, so it need not be made out for the address that the service is reached at.
      checkServerIdentity: (_, { fingerprint256 }) =>
        fingerprint256 === certificate.fingerprint256
          ? undefined
          : new Error('The embedded store shows another certificate than its own.'),
    },
  };
}
