import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** How DynamoDB Local, which believes everybody, is connected to. */
export function connectionTo(endpoint: string) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

/** Makes a table as records need it. Its time to live is left out: expired items stay, which is the harder case. */
export async function createRecordsTable(endpoint: string, table: string): Promise<void> {
  const client = new DynamoDBClient(connectionTo(endpoint));
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  client.destroy();
}

export async function deleteRecordsTable(endpoint: string, table: string): Promise<void> {
  const client = new DynamoDBClient(connectionTo(endpoint));
  await client.send(new DeleteTableCommand({ TableName: table }));
  client.destroy();
}
