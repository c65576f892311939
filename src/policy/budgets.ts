// Budgets of the rules of the network. Those of the file system are in bounds.ts.
import { parseBytes } from './bytes.ts';
import type { Path, Report } from './source.ts';
import type { DnsBudget, HttpBudget, SocketsBudget } from './types.ts';
import { asInteger, asString, compact, isObject, readUnit } from './values.ts';

export function readHttpBudget(budget: unknown, path: Path, report: Report): HttpBudget | undefined {
  if (!isObject(budget)) return undefined;
  return compact<HttpBudget>({
    requests: readRate(budget['requests']),
    requestBytes: readUnit(budget['requestBytes'], [...path, 'requestBytes'], report, parseBytes),
    responseBytes: readUnit(budget['responseBytes'], [...path, 'responseBytes'], report, parseBytes),
    concurrent: asInteger(budget['concurrent']),
  });
}

export function readSocketsBudget(budget: unknown, path: Path, report: Report): SocketsBudget | undefined {
  if (!isObject(budget)) return undefined;
  return compact<SocketsBudget>({
    operations: readRate(budget['operations']),
    sentBytes: readUnit(budget['sentBytes'], [...path, 'sentBytes'], report, parseBytes),
    receivedBytes: readUnit(budget['receivedBytes'], [...path, 'receivedBytes'], report, parseBytes),
    concurrent: asInteger(budget['concurrent']),
  });
}

export function readDnsBudget(budget: unknown): DnsBudget | undefined {
  if (!isObject(budget)) return undefined;
  return compact<DnsBudget>({
    requests: readRate(budget['requests']),
    concurrent: asInteger(budget['concurrent']),
  });
}

/** Its form is the schema's to check. */
function readRate(rate: unknown): string | number | undefined {
  return asString(rate) ?? asInteger(rate);
}
