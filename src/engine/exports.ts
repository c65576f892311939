import { escapeText } from '../audit/escape-text.ts';
import { InstanceError } from '../errors.ts';

type Exports = Readonly<Record<string, unknown>>;

/** What an export gave that is more than a value: an error while its instance lives on, or a promise of a value that comes later. */
export class CallAnswer {
  /** @returns what whoever called gets, once the call is over; or throws it */
  readonly settle: () => unknown;

  constructor(settle: () => unknown) {
    this.settle = settle;
  }
}

/**
 * @param name of a function, or `interface#function`
 * @throws InstanceError BW_INSTANCE_NO_EXPORT
 */
export function findExport(
  exports: Exports,
  name: string,
): (...args: readonly unknown[]) => Promise<unknown> {
  const [interfaceName = '', functionName = ''] = name.split('#');
  const target = own(exports, name) ?? own(own(exports, interfaceName), functionName);
  if (typeof target === 'function') return target as (...args: readonly unknown[]) => Promise<unknown>;
  const names = Object.keys(exports).map(escapeText).join(', ') || 'nothing';
  throw new InstanceError(
    'BW_INSTANCE_NO_EXPORT',
    `The program exports no function ${JSON.stringify(name)}; it exports ${names}.`,
  );
}

/** @returns the exports, their functions replaced by `call` with the name that {@link findExport} knows them by */
export function wrapExports(
  exports: Exports,
  call: (name: string, args: readonly unknown[]) => Promise<unknown>,
  prefix = '',
): Record<string, unknown> {
  // Without a prototype: the names are the guest's.
  const wrapped = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(exports)) {
    const value = exports[name];
    if (typeof value === 'function') wrapped[name] = (...args: unknown[]) => call(`${prefix}${name}`, args);
    else wrapped[name] = isInterface(value) ? wrapExports(value, call, `${name}#`) : value;
  }
  return wrapped;
}

function own(record: unknown, name: string): unknown {
  return typeof record === 'object' && record !== null && Object.hasOwn(record, name)
    ? (record as Record<string, unknown>)[name]
    : undefined;
}

/** True for the functions of a WIT interface; memories, tables and globals of a core module are what they are. */
function isInterface(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
