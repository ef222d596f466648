import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * The names and values of an expression. DynamoDB takes them beside it, behind placeholders: many words are reserved as
 * names, and values are not written inside at all.
 */
export interface Expression {
  /** The placeholder of an attribute's name. */
  readonly name: (attribute: string) => string;
  /** The placeholder of a text. */
  readonly text: (value: string) => string;
  /** The placeholder of a number. */
  readonly number: (value: number) => string;
  /** What goes with the expression, once it is written. */
  readonly parameters: () => ExpressionParameters;
}

interface ExpressionParameters {
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, AttributeValue>;
}

export function createExpression(): Expression {
  const names: string[] = [];
  const values: AttributeValue[] = [];
  const value = (attribute: AttributeValue) => `:v${values.push(attribute) - 1}`;
  return {
    name: (attribute) => {
      const known = names.indexOf(attribute);
      return `#n${known < 0 ? names.push(attribute) - 1 : known}`;
    },
    text: (text) => value({ S: text }),
    number: (number) => value({ N: String(number) }),
    parameters: () => ({
      ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        values.map((attribute, index) => [`:v${index}`, attribute]),
      ),
    }),
  };
}

/** That a record is not expired. */
export function living(nowSeconds: number, { name, number }: Expression): string {
  const expiresAt = name('expiresAt');
  return `(attribute_not_exists(${expiresAt}) OR ${expiresAt} > ${number(nowSeconds)})`;
}
