// Whatever the text: hosts are what WHATWG URL takes them for, addresses and blocks what a reference with big integers
// says, the normal form of a path is one that URL and we agree on, and what a rule says reads back as itself.
import assert from 'node:assert/strict';
import { isSpecial, specialBlockOf } from '../src/kernel/egress/special-addresses.ts';
import { cidrContains, formatCidr, parseCidr } from '../src/policy/address/cidr.ts';
import { formatEndpoint, parseEndpoint } from '../src/policy/address/endpoint.ts';
import { formatHost, formatHostPattern, parseHost, parseHostPattern } from '../src/policy/address/host.ts';
import { formatIpAddress, type IpAddress, parseIpAddress } from '../src/policy/address/ip-address.ts';
import { normalizePath } from '../src/policy/address/url-path.ts';
import { formatUrlPattern, parseUrlPattern } from '../src/policy/address/url-pattern.ts';
import {
  referenceContains,
  referenceFormat,
  referenceOf,
  referenceParse,
  referenceParseBlock,
  referenceSpecial,
} from './address-reference.ts';
import type { FuzzTarget } from './target.ts';

const HOSTS = `example.com EXAMPLE.com. *.example.com xn--bcher-kva.example bücher.example straße.de ＥＸ。com a_b.c localhost
  127.0.0.1 127.1 0x7f.1 0177.0.0.1 2130706433 0x7f000001 １２７.0.0.1 127。0。0。1 1.2.3.4. 256.0.0.1 0 1.2.3.08 a.0x1
  [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [fe80::1%25eth0] [2001:db8:0:0:1::1] [1:2:3:4:5:6:7::] [1::8:1.2.3.4]
  ex%61mple.com %31%32%37.1 user@host host:80 a..b .a a%00b ａ＠ｂ a℀b a\u00adb a\u200db`;
const ADDRESSES = `::1 :: fe80::1 1:2:3:4:5:6:7:8 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:7f00:1:: 2001:0:7f00:1::1
  fd00::5efe:10.0.0.1 2600::200:5efe:a00:1 1::2:0:0:3 ff02::1 255.255.255.255 192.0.0.9 168.63.129.16
  10.0.0.0/8 0.0.0.0/0 ::/0 fd00::/8 fe80::/10 10.0.0.1/32 10.1.2.0/23 ::ffff:0:0/96`;
const PLACES = `db.internal:5432 [::1]:53 [fd00::/8]:1-9 10.0.0.0/8:8000-8099 *.a.b:65535
  https://api.example.com/rates/** http://billing.internal:8080/** http://[10.0.0.0/8]:80/a/*/b http://[::1]/%2e%2e/x
  /a/../b /%2E%2e/a /a%2fb/..%5c/ //a//../ /..;/x /%c3%a9/é/%zz /.%2e /a/. /{}|^`;

export function hostTarget(): Promise<FuzzTarget> {
  const encoder = new TextEncoder();
  const seeds = `${HOSTS} ${ADDRESSES} ${PLACES}`.split(/\s+/).map((text) => encoder.encode(text));
  return Promise.resolve({ seeds, run });
}

function run(input: Uint8Array): void {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(input);
  checkHost(text);
  checkAddress(text);
  checkBlock(text, input);
  checkSpecial(input);
  checkPath(text);
  checkRules(text);
}

/** A port that is not the scheme's own shows that `URL` took all of the text for the host, but for what it drops. */
function whatwgHost(text: string): string | undefined {
  if (/[@/\\\t\n\r]/.test(text)) return undefined;
  const url = URL.parse(`http://${text}:81/`);
  return url?.port === '81' && url.pathname === '/' ? url.hostname : undefined;
}

function checkHost(text: string): void {
  const hostname = whatwgHost(text);
  const found = parseHost(text);
  const address = hostname && referenceParse(hostname.replaceAll(/[[\]]/g, ''));
  if (address) {
    assert.ok(typeof found === 'object', 'an address for URL, not for us');
    assert.deepEqual(referenceOf(found.bytes), address);
  } else if (found !== undefined) {
    // We are stricter: only names that a resolver can be asked for.
    assert.equal(found, hostname?.replace(/\.$/, ''));
    assert.match(formatHost(found), /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/);
  } else {
    assert.doesNotMatch(hostname ?? '', /^(?=.{1,254}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/);
  }
  if (found !== undefined) assert.deepEqual(parseHost(formatHost(found)), found);
}

function checkAddress(text: string): void {
  const found = parseIpAddress(text);
  assert.deepEqual(found && referenceOf(found.bytes), referenceParse(text));
  if (text.includes(':')) {
    const hostname = URL.parse(`http://[${text}]/`)?.hostname;
    // Text that leaves the brackets, or loses something, is no case of this comparison.
    if (!/[\]@\t\n\r]/.test(text)) assert.equal(found !== undefined, hostname !== undefined);
  }
  if (found !== undefined) checkFormat(found);
}

function checkFormat(address: IpAddress): void {
  const text = formatIpAddress(address);
  assert.equal(text, referenceFormat(referenceOf(address.bytes)));
  assert.deepEqual(parseIpAddress(text), address);
  const hostname = URL.parse(`http://${formatHost(address)}/`)?.hostname ?? '';
  if (!text.startsWith('::ffff:')) assert.equal(hostname.replaceAll(/[[\]]/g, ''), text);
}

function checkBlock(text: string, input: Uint8Array): void {
  const block = parseCidr(text);
  const reference = referenceParseBlock(text);
  assert.equal(block !== undefined, reference !== undefined);
  if (block === undefined || reference === undefined) return;
  assert.deepEqual(parseCidr(formatCidr(block)), block);
  for (const address of addressesNear(block.address.bytes, input)) {
    assert.equal(cidrContains(block, address), referenceContains(reference, referenceOf(address.bytes)));
  }
}

/** The start of the block with bits of the input changed. */
function addressesNear(start: Uint8Array, input: Uint8Array): IpAddress[] {
  return Array.from({ length: 8 }, (_, round) => {
    const bytes = Uint8Array.from(start);
    const at = ((input[round] ?? 0) + round) % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << ((input.at(-1 - round) ?? 0) & 7));
    return addressOf(bytes);
  });
}

function checkSpecial(input: Uint8Array): void {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => input[index] ?? 0);
  const text = new TextDecoder().decode(input);
  const named = parseIpAddress(text) ?? parseCidr(text)?.address;
  const all = [
    addressOf(bytes),
    addressOf(bytes.slice(0, 4)),
    ...(named ? [named, ...addressesNear(named.bytes, input)] : []),
  ];
  for (const address of all) {
    const expected = referenceSpecial(referenceOf(address.bytes));
    assert.equal(specialBlockOf(address)?.block, expected, formatIpAddress(address));
    assert.equal(isSpecial(address), expected !== undefined);
    checkFormat(address);
  }
}

function checkPath(text: string): void {
  const path = normalizePath(text);
  if (path === undefined) return;
  assert.equal(normalizePath(path), path);
  assert.match(path, /^(?:\/(?!\.{1,2}(?:\/|$))(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)+$/);
  assert.equal(normalizePath(URL.parse(`http://host${text}`)?.pathname ?? ''), path);
}

function checkRules(text: string): void {
  const pattern = parseHostPattern(text);
  if (pattern !== undefined) {
    for (const context of ['plain', 'endpoint', 'url'] as const)
      assert.deepEqual(parseHostPattern(formatHostPattern(pattern, context)), pattern);
    // A rule for one host is for the host that URL reads there, and no shorthand of an address gets in.
    if (pattern.kind === 'name') assert.equal(parseHost(text), pattern.name);
    if (pattern.kind === 'address') assert.ok(referenceParse(text.replaceAll(/^\[|\]$/g, '')));
  }
  const endpoint = parseEndpoint(text);
  if (endpoint !== undefined) assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
  const url = parseUrlPattern(text);
  if (url !== undefined) assert.deepEqual(parseUrlPattern(formatUrlPattern(url)), url);
}

function addressOf(bytes: Uint8Array): IpAddress {
  return { family: bytes.length === 4 ? 4 : 6, bytes };
}
