import { createServer } from 'node:http';
import * as v from 'valibot';
import { drain, listen } from '../../lib/hosts/node.ts';

/**
 * A stand-in for AWS Secrets Manager with one secret in versions, on loopback. Its answers and refusals are those of the
 * API reference.
 */
export interface RotatingSecret {
  readonly url: string;
  /** What a stage's version holds now. */
  readonly at: (stage: string) => string | undefined;
  readonly stagesOf: (version: string) => readonly string[];
  /** What Secrets Manager does before it calls the rotation function for the first time. */
  readonly announce: (version: string) => void;
  readonly calls: readonly string[];
  readonly close: () => Promise<void>;
}

export const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:signing-AbCdEf';

const input = v.object({
  SecretId: v.string(),
  VersionId: v.optional(v.string()),
  VersionStage: v.optional(v.string()),
  ClientRequestToken: v.optional(v.string()),
  SecretString: v.optional(v.string()),
  VersionStages: v.optional(v.array(v.string())),
  MoveToVersionId: v.optional(v.string()),
  RemoveFromVersionId: v.optional(v.string()),
});
type Input = v.InferOutput<typeof input>;

class Refusal extends Error {}

export async function startRotatingSecret(text: string, arn = secretArn): Promise<RotatingSecret> {
  const texts = new Map([['v1', text]]);
  const stages = new Map<string, readonly string[]>([['v1', ['AWSCURRENT']]]);
  const calls: string[] = [];

  const holderOf = (stage: string) => [...stages].find(([, held]) => held.includes(stage))?.[0];
  const label = (version: string, stage: string) => {
    const before = holderOf(stage);
    if (before !== undefined) stages.set(before, stages.get(before)?.filter((one) => one !== stage) ?? []);
    stages.set(version, [...(stages.get(version) ?? []), stage]);
  };

  const operations: Readonly<Record<string, (request: Input) => object>> = {
    DescribeSecret: () => ({
      ARN: arn,
      RotationEnabled: true,
      VersionIdsToStages: Object.fromEntries(stages),
    }),
    GetSecretValue: ({ VersionId, VersionStage = 'AWSCURRENT' }) => {
      const version = VersionId ?? holderOf(VersionStage);
      const value = version === undefined ? undefined : texts.get(version);
      if (version === undefined || value === undefined || !stages.get(version)?.includes(VersionStage)) {
        throw new Refusal('ResourceNotFoundException');
      }
      return { ARN: arn, VersionId: version, SecretString: value, VersionStages: stages.get(version) };
    },
    PutSecretValue: ({ ClientRequestToken = '', SecretString = '', VersionStages = ['AWSCURRENT'] }) => {
      const known = texts.get(ClientRequestToken);
      if (known !== undefined && known !== SecretString) throw new Refusal('ResourceExistsException');
      texts.set(ClientRequestToken, SecretString);
      for (const stage of VersionStages) label(ClientRequestToken, stage);
      return { ARN: arn, VersionId: ClientRequestToken };
    },
    UpdateSecretVersionStage: ({ VersionStage = '', MoveToVersionId = '', RemoveFromVersionId }) => {
      if (holderOf(VersionStage) !== RemoveFromVersionId) throw new Refusal('InvalidParameterException');
      if (RemoveFromVersionId !== undefined) label(RemoveFromVersionId, 'AWSPREVIOUS');
      label(MoveToVersionId, VersionStage);
      return { ARN: arn };
    },
  };

  const server = createServer((request, response) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (body += chunk))
      .on('end', () => {
        const operation = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
        calls.push(operation);
        try {
          const given = v.parse(input, JSON.parse(body));
          const answer = given.SecretId === arn ? operations[operation]?.(given) : undefined;
          if (!answer) throw new Refusal('UnknownOperationException');
          response.end(JSON.stringify(answer));
        } catch (error) {
          const type = error instanceof Refusal ? error.message : 'InvalidRequestException';
          response.writeHead(400).end(JSON.stringify({ __type: type, message: String(error) }));
        }
      });
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    at: (stage) => texts.get(holderOf(stage) ?? ''),
    stagesOf: (version) => stages.get(version) ?? [],
    announce: (version) => label(version, 'AWSPENDING'),
    calls,
    close: () => drain(server, 0.1),
  };
}
