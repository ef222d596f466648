// What a Lambda function costs that does nothing: the reference of cold-start.bench.ts.

export const handler = async () => ({ statusCode: 200, body: '{}' });
