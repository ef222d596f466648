import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnBackupPlan, CfnBackupSelection, CfnBackupVault } from 'aws-cdk-lib/aws-backup';
import { Policy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { backupStatements } from './backup-statements.ts';
import type { RecordsTable } from './records-table.ts';
import type { StorageBucket } from './storage-bucket.ts';

export interface BackupsProps {
  readonly stage: Stage;
  readonly encryptionKey: Key;
  /** Those that keep versions: AWS Backup takes no other. */
  readonly buckets: readonly StorageBucket[];
  readonly table: RecordsTable;
}

const dailyKeptDays = 35;
const monthlyKeptDays = 365;

/** Daily and monthly backups in a vault of their own, which gives no recovery point up before a week has passed. */
export class Backups extends Construct {
  readonly vaultName: string;

  constructor(scope: Construct, id: string, { stage, encryptionKey, buckets, table }: BackupsProps) {
    super(scope, id);
    const vault = new CfnBackupVault(this, 'Vault', {
      // AWS Backup takes no vault without a name.
      backupVaultName: `stowage-${stage.name}`,
      encryptionKeyArn: encryptionKey.keyArn,
      // In governance mode. A lock in compliance mode could never be taken off again, not even by AWS.
      lockConfiguration: { minRetentionDays: 7 },
    });
    vault.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.vaultName = vault.ref;

    const plan = new CfnBackupPlan(this, 'Plan', {
      backupPlan: {
        backupPlanName: `stowage-${stage.name}`,
        backupPlanRule: [
          backupRule(vault, 'daily', 'cron(0 3 * * ? *)', dailyKeptDays),
          backupRule(vault, 'monthly', 'cron(0 4 1 * ? *)', monthlyKeptDays),
        ],
      },
    });
    const role = new Role(this, 'Role', {
      description: `Stowage ${stage.name}: takes backups`,
      assumedBy: new ServicePrincipal('backup.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const policy = new Policy(this, 'RolePolicy', {
      roles: [role],
      statements: backupStatements({ buckets, table, encryptionKey, vaultArn: vault.attrBackupVaultArn }),
    });
    const selection = new CfnBackupSelection(this, 'Selection', {
      backupPlanId: plan.ref,
      backupSelection: {
        selectionName: 'buckets-and-records',
        iamRoleArn: role.roleArn,
        resources: [table.arn, ...buckets.map((bucket) => bucket.bucketArn)],
      },
    });
    selection.node.addDependency(policy);
  }
}

function backupRule(
  vault: CfnBackupVault,
  ruleName: string,
  scheduleExpression: string,
  deleteAfterDays: number,
): CfnBackupPlan.BackupRuleResourceTypeProperty {
  return {
    ruleName,
    targetBackupVault: vault.ref,
    scheduleExpression,
    startWindowMinutes: 60,
    completionWindowMinutes: 720,
    lifecycle: { deleteAfterDays },
  };
}
