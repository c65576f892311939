import { describe, expect, test } from 'vitest';
import { httpErrorOf, sentErrorOf } from '../../../../src/ambient/network/http-errors.ts';
import { resolverFailure, socketFailure } from '../../../../src/ambient/network/network-failure.ts';
import { HttpFailure } from '../../../../src/virtual/network/stack.ts';

function coded(code: string, message = 'at 10.0.0.1:5432, authorization: secret'): Error {
  return Object.assign(new Error(message), { code });
}

describe('an error of a request', () => {
  test.each([
    ['ECONNREFUSED', 'connection-refused', 'connection-terminated'],
    ['ETIMEDOUT', 'connection-timeout', 'connection-terminated'],
    ['EHOSTUNREACH', 'destination-IP-unroutable', 'connection-terminated'],
    ['ENETUNREACH', 'destination-IP-unroutable', 'connection-terminated'],
    ['EADDRNOTAVAIL', 'destination-unavailable', 'connection-terminated'],
    ['ECONNRESET', 'connection-terminated', 'connection-terminated'],
    ['EMFILE', 'connection-limit-reached', 'connection-limit-reached'],
    ['HPE_HEADER_OVERFLOW', 'HTTP-response-header-section-size', 'HTTP-response-header-section-size'],
    ['HPE_INVALID_CONSTANT', 'HTTP-protocol-error', 'HTTP-protocol-error'],
    ['CERT_HAS_EXPIRED', 'TLS-certificate-error', 'TLS-certificate-error'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS-certificate-error', 'TLS-certificate-error'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS-protocol-error', 'TLS-protocol-error'],
    ['EPROTO', 'TLS-protocol-error', 'TLS-protocol-error'],
    ['ENOENT', 'internal-error', 'internal-error'],
  ])('%s: %s before there is a connection, %s after that', (code, before, after) => {
    // A request that may have been sent must not look like one that can go to the next address.
    expect([httpErrorOf(coded(code)).tag, sentErrorOf(coded(code)).tag]).toEqual([before, after]);
  });

  test('that is an alert has its number, and nothing of its text', () => {
    const alert = coded('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'of host.internal: SSL alert number 40');
    expect(httpErrorOf(alert)).toEqual({ tag: 'TLS-alert-received', val: { alertId: 40 } });
  });

  test('of our own stays as it is', () => {
    const error = { tag: 'HTTP-upgrade-failed' } as const;
    expect(httpErrorOf(new HttpFailure(error))).toBe(error);
  });

  test.each([undefined, null, 'text', {}, { code: 5 }, new Error('secret')])(
    '%o is one of ours',
    (thrown) => {
      expect(httpErrorOf(thrown)).toEqual({ tag: 'internal-error', val: undefined });
      expect([socketFailure(thrown).message, resolverFailure(thrown).message]).toEqual([
        'unknown',
        'permanent-resolver-failure',
      ]);
    },
  );
});
