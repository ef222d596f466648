import { join } from 'node:path';
import { parsePublisherEnvironment } from '../lib/config/publisher-environment.ts';
import { customResource } from '../lib/hosts/custom-resource.ts';
import { publishPages } from '../lib/pages/publish.ts';
import { connect } from '../lib/storage/connection.ts';

/** Puts the console that lies beside it into a bucket, when CloudFormation deploys another version of it. */

const { bucket, ...storage } = parsePublisherEnvironment(process.env);
const connection = connect({ ...storage, now: () => new Date() });

export const handler = customResource(() =>
  publishPages(join(import.meta.dirname, 'console'), bucket, connection),
);
