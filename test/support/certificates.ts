import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './programs.ts';

const openssl = findProgram('openssl');
/** Without OpenSSL's own program there are no certificates, and these tests are skipped. */
export const canMakeCertificates = openssl !== undefined;

export interface Certificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly cert: string;
  readonly key: string;
}

/** Certificates made by `openssl`, in a folder of their own. */
export interface Certificates {
  readonly folder: string;
  readonly ca: (name: string) => Certificate;
  /** A certificate for servers alone, not even made out for loopback; without a CA it has signed itself. */
  readonly server: (name: string, ca?: Certificate) => Certificate;
  /** @param subject - such as `/O=acme/CN=backup` */
  readonly client: (name: string, subject: string, ca: Certificate) => Certificate;
  readonly remove: () => void;
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-certificates-'));

  function make(name: string, subject: string, extensions: readonly string[], ca?: Certificate): Certificate {
    const certPath = join(folder, `${name}.pem`);
    const keyPath = join(folder, `${name}.key`);
    const [signer, signerKey] = ca ? ['-CA', ca.certPath] : [];
    execFileSync(
      openssl ?? 'openssl',
      [
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ['-subj', subject, '-days', '2', '-keyout', keyPath, '-out', certPath],
        extensions.flatMap((extension) => ['-addext', extension]),
        signer === undefined || signerKey === undefined
          ? []
          : [signer, signerKey, '-CAkey', ca?.keyPath ?? ''],
      ].flat(),
      { stdio: 'pipe' },
    );
    return {
      certPath,
      keyPath,
      cert: readFileSync(certPath, 'utf8'),
      key: readFileSync(keyPath, 'utf8'),
    };
  }

  const leaf = (usage: string) => [
    'basicConstraints=critical,CA:FALSE',
    `extendedKeyUsage=${usage}`,
    'keyUsage=critical,digitalSignature',
  ];
  return {
    folder,
    ca: (name) => make(name, `/CN=${name}`, ['keyUsage=critical,keyCertSign']),
    server: (name, ca) =>
      make(
        name,
        '/CN=files.example.com',
        [...leaf('serverAuth'), 'subjectAltName=DNS:files.example.com'],
        ca,
      ),
    client: (name, subject, ca) => make(name, subject, leaf('clientAuth'), ca),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Puts another certificate in the place of one, as a renewal does. */
export function replace(place: Certificate, by: Pick<Certificate, 'cert' | 'key'>): void {
  writeFileSync(place.certPath, by.cert);
  writeFileSync(place.keyPath, by.key);
}
