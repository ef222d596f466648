import { parseConfig } from '../../../lib/config/load.ts';
import { viewerHostHeader } from '../../../lib/config/viewer-host-header.ts';
import { toApiGatewayEvent } from '../../support/api-gateway-event.ts';
import { startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { buildLambdaFunction, recordsTable } from '../../support/lambda-function.ts';
import { startLambda } from '../../support/lambda-process.ts';
import { toResponse } from '../../support/lambda-response.ts';
import { startLocalSqs } from '../../support/local-sqs.ts';
import { createRecordsTable } from '../../support/records-table.ts';
import { openTestService } from '../../support/service.ts';
import { behindProxy, type Host, type SuiteConfiguration } from './host.ts';

/** The function as it is deployed, behind what API Gateway makes of requests and answers. */
export async function openOnLambda(configuration: SuiteConfiguration): Promise<Host> {
  const { s3Url, stop: stopStore } = await openTestService(configuration);
  const dynamodb = await startDynamoDbLocal();
  if (dynamodb) await createRecordsTable(dynamodb.endpoint, recordsTable);
  const sqs = await startLocalSqs();
  const built = await buildLambdaFunction(parseConfig(configuration), {
    s3Url,
    ...(dynamodb && { dynamodbUrl: dynamodb.endpoint }),
    deliveryQueueUrl: await sqs.createNamed('deliveries'),
  });
  const lambda = await startLambda(built.modulePath, built.environment);
  return {
    request: async (method, target, headers, body, from) => {
      const throughCdn = {
        ...behindProxy(headers, from),
        [viewerHostHeader]: 'd111111abcdef8.cloudfront.net',
      };
      return toResponse((await lambda.invoke(toApiGatewayEvent(method, target, throughCdn, body))).result);
    },
    cdnOrigin: 'https://d111111abcdef8.cloudfront.net',
    hasRecords: dynamodb !== undefined,
    close: async () => {
      await lambda.stop();
      await built.close();
      await sqs.stop();
      await dynamodb?.stop();
      await stopStore();
    },
  };
}
