import { readLambdaSecrets, readSigningSecret } from '../lib/access/lambda-secrets.ts';
import { createSeal } from '../lib/access/seal.ts';
import { createAudit } from '../lib/audit/audit.ts';
import { createApp } from '../lib/app.ts';
import { withSecretsManager } from '../lib/access/secrets-manager.ts';
import { parseLambdaEnvironment } from '../lib/config/lambda-environment.ts';
import { loadConfig } from '../lib/config/load.ts';
import { createCdn } from '../lib/downloads/cdn.ts';
import { openAppConfig } from '../lib/flags/app-config.ts';
import { apiGatewayHandler } from '../lib/hosts/api-gateway.ts';
import { withFreshFlags } from '../lib/hosts/fresh-flags.ts';
import { withFreshKeys } from '../lib/hosts/fresh-keys.ts';
import { originCheck } from '../lib/hosts/origin-check.ts';
import { prime } from '../lib/hosts/prime.ts';
import { noQueue } from '../lib/queue/none.ts';
import { openSqsSender } from '../lib/queue/sqs-send.ts';
import { createDynamoRecords } from '../lib/records/dynamodb.ts';
import { noRecords } from '../lib/records/none.ts';
import { withRestApi } from '../lib/hosts/rest-api.ts';
import { createStorage } from '../lib/storage/storage.ts';
import { createLog } from '../lib/telemetry/log.ts';

/** The API behind an API of API Gateway. All that the first request needs is loaded here, in Lambda's INIT phase. */

const environment = parseLambdaEnvironment(process.env);
const config = loadConfig(environment.configPath);
const log = createLog((line) => process.stdout.write(`${line}\n`));
const secretsManager = { ...environment, url: environment.secretsManagerUrl };
const flags =
  environment.flags && openAppConfig({ ...environment, ...environment.flags, initial: config.flags, log });
// Asked for beside the secrets: nothing of INIT waits for it before its first request.
void flags?.refresh();
const currentFlags = flags ? flags.current : () => config.flags;
const { signing, rootKeySha256, originSecretsSha256 } = await readLambdaSecrets(environment, secretsManager);
const { recordsTable, dynamodbUrl, deliveryQueueUrl: queueUrl, cdn } = environment;
const records =
  recordsTable === undefined
    ? noRecords()
    : createDynamoRecords({ table: recordsTable, connection: { ...environment, endpoint: dynamodbUrl } });
const seal = createSeal(signing, () => new Date());
// Of the request that primes there is nothing to tell.
let isServing = false;
const audit = createAudit((lines) => {
  if (isServing) process.stdout.write(lines);
});
const app = createApp({
  config,
  flags: currentFlags,
  storage: createStorage({
    ...environment,
    maxLifetimeSeconds: () => currentFlags().maxUrlLifetimeSeconds,
  }),
  records,
  secrets: { seal, rootKeySha256 },
  deliveries: queueUrl === undefined ? noQueue() : openSqsSender({ ...environment, queueUrl }),
  webhookTargets: environment.webhookTargets,
  log,
  audit,
  cdn: cdn && createCdn({ ...cdn, readPrivateKey: () => readSecret(cdn.keySecretArn) }),
});

function readSecret(arn: string): Promise<string> {
  return withSecretsManager(secretsManager, ({ read }) => read(arn));
}

const serve = withFreshKeys(withFreshFlags(apiGatewayHandler(app), flags), {
  seal,
  readKeyring: () => readSigningSecret(environment.signingSecretArn, secretsManager),
  log,
});

export const handler = withRestApi(originCheck(serve, originSecretsSha256));

await prime(serve, seal, config);
isServing = true;
