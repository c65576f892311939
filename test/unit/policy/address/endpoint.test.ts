import { expect, test } from 'vitest';
import { formatEndpoint, parseEndpoint } from '../../../../src/policy/address/endpoint.ts';

test.each([
  ['DB.internal.:5432', 'db.internal:5432'],
  ['*.example.com:443', '*.example.com:443'],
  ['10.0.0.9:8125', '10.0.0.9:8125'],
  ['127.0.0.1:8080-8089', '127.0.0.1:8080-8089'],
  ['a:80-80', 'a:80'],
  ['a:1-65535', 'a:1-65535'],
  ['10.0.0.0/8:5432', '10.0.0.0/8:5432'],
  ['[10.0.0.0/8]:5432', '10.0.0.0/8:5432'],
  ['[::1]:53', '[::1]:53'],
  ['[FD00::/8]:1-9', '[fd00::/8]:1-9'],
  ['[::]:8080', '[::]:8080'],
])('%s is %s', (text, normal) => {
  const endpoint = parseEndpoint(text);
  expect(endpoint && formatEndpoint(endpoint)).toBe(normal);
  expect(parseEndpoint(normal)).toEqual(endpoint);
});

test.each([
  '',
  ':',
  'a',
  'a:',
  ':80',
  'a:0',
  'a:65536',
  'a:080',
  'a:-1',
  'a:80-',
  'a:-80',
  'a:9-8',
  'a:1-2-3',
  'a:*',
  'a:8 0',
  '::1:53',
  '::1',
  '[::1]',
  '[::1]53',
  '1:2:3:4:5:6:7:8:53',
  'fd00::/8:53',
  '127.1:80',
  '0x7f000001:80',
  'u@a:80',
  'a:80:80',
  'http://a:80',
  'a/b:80',
  '10.0.0.1/8:80',
  'a:1e1',
  'a:٣',
  'a:80\n',
  '*:80',
])('%j is none', (text) => {
  expect(parseEndpoint(text)).toBeUndefined();
});
