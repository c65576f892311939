import { readAddresses } from './cidr-blocks.ts';
import { readSocketsBudget } from './budgets.ts';
import { formatOptional, readConnect, readListen } from './endpoints.ts';
import { readId, readRules } from './rules.ts';
import type { UnnamedRules } from './rules.ts';
import type { Path, Report } from './source.ts';
import { asString, compact } from './values.ts';
import type { JsonObject } from './values.ts';

export function readSockets(
  section: unknown,
  report: Report,
): readonly UnnamedRules['sockets'][] | undefined {
  return readRules(section, 'sockets', report, readRule);
}

function readRule(rule: JsonObject, path: Path, report: Report): UnnamedRules['sockets'] {
  const connect = readConnect(rule['connect'], [...path, 'connect'], report);
  const listen = readListen(rule['listen'], [...path, 'listen'], report);
  return compact<UnnamedRules['sockets']>({
    id: readId(rule['id'], path, report),
    description: asString(rule['description']),
    protocol: rule['protocol'] === 'udp' ? 'udp' : 'tcp',
    connect: formatOptional(connect),
    listen: formatOptional(listen),
    addresses: readAddresses(rule['addresses'], path, (connect ?? listen)?.host, report),
    budget: readSocketsBudget(rule['budget'], [...path, 'budget'], report),
  });
}
