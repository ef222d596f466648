import { parseConfig } from '../../../lib/config/load.ts';
import { toApiGatewayEvent } from '../../support/api-gateway-event.ts';
import { startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { buildLambdaFunction, recordsTable } from '../../support/lambda-function.ts';
import { startLambda } from '../../support/lambda-process.ts';
import { toResponse } from '../../support/lambda-response.ts';
import { createRecordsTable } from '../../support/records-table.ts';
import { openTestService } from '../../support/service.ts';
import { type Host, suiteConfiguration } from './host.ts';

/** The function as it is deployed, behind what API Gateway makes of requests and answers. */
export async function openOnLambda(): Promise<Host> {
  const { s3Url, stop: stopStore } = await openTestService(suiteConfiguration);
  const dynamodb = await startDynamoDbLocal();
  if (dynamodb) await createRecordsTable(dynamodb.endpoint, recordsTable);
  const built = await buildLambdaFunction(parseConfig(suiteConfiguration), {
    s3Url,
    ...(dynamodb && { dynamodbUrl: dynamodb.endpoint }),
  });
  const lambda = await startLambda(built.modulePath, built.environment);
  return {
    request: async (method, target, headers, body) =>
      toResponse((await lambda.invoke(toApiGatewayEvent(method, target, headers, body))).result),
    hasRecords: dynamodb !== undefined,
    close: async () => {
      await lambda.stop();
      await built.close();
      await dynamodb?.stop();
      await stopStore();
    },
  };
}
