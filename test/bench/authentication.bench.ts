import { hash } from 'node:crypto';
import { authenticator } from '../../lib/access/authenticate.ts';
import { oidcVerifier } from '../../lib/access/oidc.ts';
import { createRevocations } from '../../lib/access/revocations.ts';
import { createSeal } from '../../lib/access/seal.ts';
import { mintToken } from '../../lib/access/token.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { makeKeyText } from '../../lib/keys/key-text.ts';
import { knownKeys } from '../../lib/keys/known-keys.ts';
import { noRecords } from '../../lib/records/none.ts';
import { audience, startOpenIdProvider } from '../support/openid-provider.ts';
import { type Bench, cpuMicroseconds } from './harness.ts';

/** What it adds to a request to find out who calls, by each kind of credential, beside not asking at all. */

const provider = await startOpenIdProvider();
const config = parseConfig({
  buckets: { files: {} },
  access: { issuers: [{ issuer: provider.issuer, audience }] },
});
const { issuers } = config.access;
const now = () => new Date();
const rootKey = 'stow_root-key-of-the-bench-0123456789abcdef';
const seal = createSeal({ current: 'the seal of the bench, 32 characters and more' }, now);
const verifyOidcToken = oidcVerifier({ issuers, now, log: () => undefined });
const grants = [{ bucket: 'files', prefix: 'users/ann/', actions: ['read', 'write'] as const }];
const { text: apiKey, sha256 } = makeKeyText();
const createdBy = { kind: 'root', sub: 'root' } as const;
const records = {
  ...noRecords(),
  get: async (partition: string, sort: string) => ({
    partition,
    sort,
    version: '1',
    counters: {},
    value: {
      name: 'bench',
      grants,
      enabled: true,
      createdAt: now().toISOString(),
      createdBy,
      sha256: sha256.toString('hex'),
    },
  }),
};
const authenticate = authenticator(
  { seal, rootKeySha256: hash('sha256', rootKey, 'buffer') },
  {
    principalOfKey: knownKeys({ records, now, log: () => undefined }).principalOf,
    isRevoked: createRevocations(records, config, now).isRevoked,
    verifyOidcToken,
  },
);

const accessToken = await provider.sign({ claims: { stowage: grants } });
const { token: delegated } = mintToken(
  seal,
  await authenticate(rootKey),
  {
    grants: grants.map((grant) => ({ ...grant, actions: [...grant.actions] })),
    sub: 'ann',
    expiresInSeconds: 3600,
  },
  now(),
);
/** Each is used once, so that its signature is really verified: enough for all samples. */
const rounds = 9;
const newTokensPerSample = 200;
const newTokens = await Promise.all(
  Array.from({ length: (rounds + 1) * newTokensPerSample }, (_, index) =>
    provider.sign({ claims: { stowage: grants, jti: `${index}` } }),
  ),
);
// What is measured is a cached key set, not the way to it.
await authenticate(apiKey);
await authenticate(accessToken);
await provider.close();

const notAsking = cpuMicroseconds(() => undefined, { calls: 20_000 });

const addsAtMost = (name: string, credential: () => string, atMostMore: number, calls = 20_000): Bench => ({
  name: `authentication by ${name}`,
  reference: 'none',
  unit: 'µs of CPU a request',
  rounds,
  bar: { atMostMore },
  sampleOurs: cpuMicroseconds(() => authenticate(credential()), { calls }),
  sampleReference: notAsking,
});

export const benches: readonly Bench[] = [
  addsAtMost('root key', () => rootKey, 60),
  addsAtMost('API key', () => apiKey, 60),
  addsAtMost('delegated token', () => delegated, 60),
  addsAtMost('OIDC token, seen within a minute', () => accessToken, 60),
  addsAtMost('OIDC token, seen for the first time', () => newTokens.pop() ?? '', 150, newTokensPerSample),
];
