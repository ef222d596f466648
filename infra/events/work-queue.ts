import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { queueConnection } from '../lambda/connections.ts';
import type { ServiceFunction } from '../lambda/service-function.ts';

/**
 * What has come so often SQS sets aside. The functions do it before, and say why; so this is for what they cannot handle
 * at all, because they die of it or do not start.
 */
const maxReceipts = 20;

/** Work that waits for a function, and a second queue for what the function could not do. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** What the function that works on it may take for a batch. */
  readonly functionTimeout: Duration;

  constructor(scope: Construct, id: string, functionTimeout: Duration) {
    super(scope, id);
    this.functionTimeout = functionTimeout;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // As long as SQS keeps anything: somebody has to look.
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      // Six times the function's own, as Lambda asks: a throttled batch is not to be seen by another in the meantime.
      visibilityTimeout: Duration.seconds(6 * functionTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceipts },
    });
  }

  /** Hands the messages to a function, of this stack or of another, which says of each whether it is done. */
  workedOnBy(
    worker: ServiceFunction,
    { batchSize, maxConcurrency }: { readonly batchSize: number; readonly maxConcurrency: number },
  ): void {
    worker.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'sqs:ChangeMessageVisibility',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:ReceiveMessage',
        ],
        resources: [this.queue.queueArn],
      }),
    );
    worker.addEnvironment('STOWAGE_QUEUE_URL', this.queue.queueUrl);
    worker.connect(queueConnection('STOWAGE_DEAD_LETTER_QUEUE_URL', this.deadLetters));
    const mapping = new CfnEventSourceMapping(worker, 'Source', {
      functionName: worker.functionArn,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: maxConcurrency },
    });
    // Lambda tries the rights when the mapping is made.
    if (worker.role) mapping.node.addDependency(worker.role);
  }
}
