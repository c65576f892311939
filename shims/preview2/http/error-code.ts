import type { FieldSize, HttpError } from '../../../src/virtual/http/http-error.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { Canon } from '../abi/lowering.ts';
import { checked, liftString, lowerBytes, storeList, utf8 } from '../abi/values.ts';

/** What a case carries: DNS-error-payload, TLS-alert-received-payload, option<u64>, option<u32>, field-size-payload, option of it, option<string>. */
type Payload = 'none' | 'dns' | 'tls' | 'u64' | 'u32' | 'size' | 'option-size' | 'text';

/** The cases of `error-code` in the order of WIT. */
const CASES: readonly (readonly [tag: HttpError['tag'], payload: Payload])[] = [
  ['DNS-timeout', 'none'],
  ['DNS-error', 'dns'],
  ['destination-not-found', 'none'],
  ['destination-unavailable', 'none'],
  ['destination-IP-prohibited', 'none'],
  ['destination-IP-unroutable', 'none'],
  ['connection-refused', 'none'],
  ['connection-terminated', 'none'],
  ['connection-timeout', 'none'],
  ['connection-read-timeout', 'none'],
  ['connection-write-timeout', 'none'],
  ['connection-limit-reached', 'none'],
  ['TLS-protocol-error', 'none'],
  ['TLS-certificate-error', 'none'],
  ['TLS-alert-received', 'tls'],
  ['HTTP-request-denied', 'none'],
  ['HTTP-request-length-required', 'none'],
  ['HTTP-request-body-size', 'u64'],
  ['HTTP-request-method-invalid', 'none'],
  ['HTTP-request-URI-invalid', 'none'],
  ['HTTP-request-URI-too-long', 'none'],
  ['HTTP-request-header-section-size', 'u32'],
  ['HTTP-request-header-size', 'option-size'],
  ['HTTP-request-trailer-section-size', 'u32'],
  ['HTTP-request-trailer-size', 'size'],
  ['HTTP-response-incomplete', 'none'],
  ['HTTP-response-header-section-size', 'u32'],
  ['HTTP-response-header-size', 'size'],
  ['HTTP-response-body-size', 'u64'],
  ['HTTP-response-trailer-section-size', 'u32'],
  ['HTTP-response-trailer-size', 'size'],
  ['HTTP-response-transfer-coding', 'text'],
  ['HTTP-response-content-coding', 'text'],
  ['HTTP-response-timeout', 'none'],
  ['HTTP-upgrade-failed', 'none'],
  ['HTTP-protocol-error', 'none'],
  ['loop-detected', 'none'],
  ['configuration-error', 'none'],
  ['internal-error', 'text'],
];

const ORDINALS: ReadonlyMap<string, number> = new Map(CASES.map(([tag], ordinal) => [tag, ordinal]));

/** An error with its text in the guest's memory: no error has more than one. */
export interface LoweredError {
  readonly error: HttpError;
  readonly pointer: number;
  readonly length: number;
}

/** The first half of storing an error, which runs guest code where there is a text. */
export function lowerError(canon: Canon, error: HttpError): LoweredError {
  const text = textOf(error);
  if (text === undefined) return { error, pointer: 0, length: 0 };
  const bytes = utf8(text);
  return { error, pointer: lowerBytes(canon, bytes, bytes.length), length: bytes.length };
}

/** @param at where the 32 bytes of the `error-code` begin; they were checked */
export function storeErrorCode(
  memory: GuestMemory,
  { error, pointer, length }: LoweredError,
  at: number,
): void {
  const ordinal = ORDINALS.get(error.tag) as number;
  const { bytes, view } = memory;
  bytes[at] = ordinal;
  const payload = at + 8;
  const { val } = error as { readonly val?: unknown };
  const storeText = (place: number, text: string | undefined): void => {
    bytes[place] = text === undefined ? 0 : 1;
    storeList(memory, place + 4, pointer, length);
  };
  const storeNumber = (place: number, number: number | undefined, size: 1 | 2 | 4): void => {
    bytes[place] = number === undefined ? 0 : 1;
    const value = number ?? 0;
    if (size === 1) bytes[place + 1] = value;
    else if (size === 2) view.setUint16(place + 2, value, true);
    else view.setUint32(place + 4, value, true);
  };
  const storeSize = (place: number, { fieldName, fieldSize }: FieldSize): void => {
    storeText(place, fieldName);
    storeNumber(place + 12, fieldSize, 4);
  };
  switch (CASES[ordinal]?.[1]) {
    case 'dns': {
      const { rcode, infoCode } = val as { rcode?: string; infoCode?: number };
      storeText(payload, rcode);
      return storeNumber(payload + 12, infoCode, 2);
    }
    case 'tls': {
      const { alertId, alertMessage } = val as { alertId?: number; alertMessage?: string };
      storeNumber(payload, alertId, 1);
      return storeText(payload + 4, alertMessage);
    }
    case 'u64':
      bytes[payload] = val === undefined ? 0 : 1;
      return view.setBigUint64(payload + 8, (val as bigint | undefined) ?? 0n, true);
    case 'u32':
      return storeNumber(payload, val as number | undefined, 4);
    case 'size':
      return storeSize(payload, val as FieldSize);
    case 'option-size':
      bytes[payload] = val === undefined ? 0 : 1;
      return val === undefined ? undefined : storeSize(payload + 4, val as FieldSize);
    case 'text':
      return storeText(payload, val as string | undefined);
    default:
      return undefined;
  }
}

/** The parameters that an `error-code` is passed as, after its case. The second one is shared by an i32 and an i64. */
export type FlatPayload = readonly [number, bigint, number, number, number, number];

/** Reads an `error-code` that is passed as parameters. */
export function liftError(memory: GuestMemory, ordinal: number, flat: FlatPayload): HttpError {
  const [tag, payload] = CASES[checked(ordinal, CASES.length - 1)] as (typeof CASES)[number];
  const words = [flat[0], Number(BigInt.asUintN(32, flat[1])), flat[2], flat[3], flat[4], flat[5]] as const;
  const val = liftPayload(memory, payload, words, flat[1]);
  return (payload === 'none' ? { tag } : { tag, val }) as HttpError;
}

function liftPayload(
  memory: GuestMemory,
  payload: Payload,
  [a, b, c, d, e, f]: readonly [number, number, number, number, number, number],
  wide: bigint,
): unknown {
  const text = (some: number, pointer: number, length: number): string | undefined =>
    checked(some, 1) === 0 ? undefined : liftString(memory, pointer, length);
  const number = (some: number, value: number, highest: number): number | undefined =>
    checked(some, 1) === 0 ? undefined : checked(value, highest);
  switch (payload) {
    case 'dns':
      return { rcode: text(a, b, c), infoCode: number(d, e, 0xffff) };
    case 'tls':
      return { alertId: number(a, b, 0xff), alertMessage: text(c, d, e) };
    case 'u64':
      return checked(a, 1) === 0 ? undefined : BigInt.asUintN(64, wide);
    case 'u32':
      return number(a, b, 0xffff_ffff);
    case 'size':
      return { fieldName: text(a, b, c), fieldSize: number(d, e, 0xffff_ffff) };
    case 'option-size':
      if (checked(a, 1) === 0) return undefined;
      return { fieldName: text(b, c, d), fieldSize: number(e, f, 0xffff_ffff) };
    case 'text':
      return text(a, b, c);
    case 'none':
      return undefined;
  }
}

function textOf(error: HttpError): string | undefined {
  const { val } = error as { readonly val?: unknown };
  if (typeof val === 'string') return val;
  if (typeof val !== 'object' || val === null) return undefined;
  const { rcode, alertMessage, fieldName } = val as Readonly<Record<string, string | undefined>>;
  return rcode ?? alertMessage ?? fieldName;
}
