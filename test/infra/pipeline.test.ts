import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { resolve } from './resolve.ts';
import { resourcesOfType, synthesize, type Template } from './templates.ts';

const { data, stacks } = synthesize('prod');
const pipeline: Template = stacks['Pipeline'] ?? data;

describe.each([
  ['deploys', 'Deploy', 'repo:example/stowage:environment:prod', ['deploy', 'file-publishing', 'lookup']],
  ['only looks', 'Diff', 'repo:example/stowage:pull_request', ['lookup']],
])('the role that %s', (_, name, subject, purposes) => {
  test('is for these jobs of one repository', () => {
    const [[, role] = []] = resourcesOfType(pipeline, 'AWS::IAM::Role').filter(([id]) => id.startsWith(name));
    expect(resolve(role?.Properties['AssumeRolePolicyDocument'], [pipeline])).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: {
            Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com',
          },
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': subject,
            },
          },
        },
      ],
    });
  });

  test('may take on roles of the CDK, in the regions of the stage, and nothing else', () => {
    expect(permissionsOf([pipeline])[`${name}RoleDefaultPolicy`]).toEqual(
      ['us-east-1', 'us-west-2']
        .flatMap((region) =>
          purposes.map(
            (purpose) =>
              `sts:AssumeRole arn:aws:iam::111122223333:role/cdk-hnb659fds-${purpose}-role-111122223333-${region}`,
          ),
        )
        .toSorted(),
    );
  });
});

describe('the workflow', () => {
  const workflow = readFileSync(join(import.meta.dirname, '../../.github/workflows/deploy.yml'), 'utf8');

  test('uses actions by their digests only', () => {
    const uses = [...workflow.matchAll(/uses: (\S+)(.*)/g)];
    expect(uses.length).toBeGreaterThan(0);
    for (const [, action, comment] of uses) {
      expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });

  test('keeps no key, and lets no job do more than it says', () => {
    expect(workflow).not.toMatch(/aws-(?:access-key-id|secret-access-key)|AWS_SECRET|secrets\./);
    expect(workflow).toMatch(/^permissions: \{\}$/m);
  });

  test('deploys prod after staging answers, in an environment that asks for approval', () => {
    expect(workflow).toMatch(/staging:\n\s+needs: check/);
    expect(workflow).toMatch(/prod:\n\s+needs: staging/);
    expect(workflow).toMatch(/environment: prod/);
  });
});
