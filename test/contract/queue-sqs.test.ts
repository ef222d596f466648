import { afterAll } from 'vitest';
import { openLocalQueue, startLocalSqs } from '../support/local-sqs.ts';
import { describeQueue } from './queue.ts';

const local = await startLocalSqs();
afterAll(() => local.stop());

describeQueue('SQS (local-aws-sqs)', {
  open: async (maxAttempts) => openLocalQueue(await local.createQueue(maxAttempts)),
});
