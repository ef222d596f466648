import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import { StoredData } from './data/stored-data.ts';
import { StageStack } from './stage-stack.ts';
import type { Stage } from './stages.ts';

export interface DataStackProps {
  readonly stage: Stage;
  readonly config: Config;
}

/** What is kept: also when this stack goes. */
export class DataStack extends StageStack {
  readonly data: StoredData;

  constructor(scope: Construct, id: string, { stage, config }: DataStackProps) {
    super(scope, id, { stage, description: 'buckets, records, encryption key and secrets' });
    // `Default` is no part of logical ids: what is deployed keeps its own.
    this.data = new StoredData(this, 'Default', { stage, config });

    for (const [name, bucket] of this.data.buckets) {
      new CfnOutput(bucket, 'Name', {
        description: `The bucket "${name}" of stowage.json`,
        value: bucket.bucketName,
      });
    }
    new CfnOutput(this, 'TableName', {
      description: 'The table of the records',
      value: this.data.table.tableName,
    });
    new CfnOutput(this, 'RootKeyArn', {
      description: 'The secret that holds the root key',
      value: this.data.rootKeySecret.arn,
    });
  }
}
