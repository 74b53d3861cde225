/** What the codes of sockets, DNS and TLS mean to a person who wants to connect. */

import { describeHost, type ServerTarget } from "../core/database-url.ts";
import type { ServerHost } from "../core/server-host.ts";
import { PgmateError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

export interface Place {
  readonly target: ServerTarget;
  readonly host: ServerHost;
}

interface Explanation {
  readonly codes: readonly string[];
  readonly becomes: ErrorCode;
  readonly message: (place: Place) => string;
  readonly hint: (place: Place) => string;
}

const checkAuthority = "name the file of the authority that signed it with sslrootcert=FILE";

const explanations: readonly Explanation[] = [
  {
    codes: ["ECONNREFUSED"],
    becomes: "connect-refused",
    message: (place) => `connection refused by ${where(place)}`,
    hint: (place) => isReady(place),
  },
  {
    codes: ["ENOENT"],
    becomes: "connect-refused",
    message: (place) => `there is no server socket ${socketFile(place)}`,
    hint: () => "check that the server runs and that its unix_socket_directories and port are"
      + " these, or give a host: postgres://user@localhost:5432/name",
  },
  {
    codes: ["EACCES", "EPERM"],
    becomes: "connect-refused",
    message: (place) => `no permission to connect to ${where(place)}`,
    hint: (place) => place.host.kind === "socket"
      ? "check who may read and write the socket: unix_socket_permissions in postgresql.conf"
      : "check what firewall or sandbox keeps this program from connecting",
  },
  {
    codes: ["ENOTFOUND", "ENODATA", "ENONAME", "EAI_NONAME", "EAI_NODATA"],
    becomes: "connect-host-unknown",
    message: (place) => `no such host: ${hostName(place)}`,
    hint: (place) => `check the host: getent hosts ${hostName(place)}; in a password in the URL,`
      + " write / ? # @ : % as %2F %3F %23 %40 %3A %25",
  },
  {
    codes: ["EAI_AGAIN", "EAI_FAIL", "ESERVFAIL", "ETIMEOUT", "EREFUSED"],
    becomes: "connect-host-unknown",
    message: (place) => `the name server gave no answer for host ${hostName(place)}`,
    hint: () => "check the network and /etc/resolv.conf, then try again",
  },
  {
    codes: ["ETIMEDOUT", "CONNECT_TIMEOUT"],
    becomes: "connect-timeout",
    message: (place) => `no answer from ${where(place)}${waited(place)}`,
    hint: (place) => `${isReady(place)}; check the firewalls in between; connect_timeout=SECONDS in`
      + " the URL waits longer",
  },
  {
    codes: ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN", "EADDRNOTAVAIL"],
    becomes: "connect",
    message: (place) => `no route to ${where(place)}`,
    hint: () => "check the network, VPN or container network that leads to the host",
  },
  {
    codes: [
      "ECONNRESET", "ECONNABORTED", "EPIPE", "SOCKET_CLOSED", "CONNECTION_CLOSED",
      "CONNECTION_DESTROYED", "CONNECTION_ENDED", "ERR_STREAM_DESTROYED",
      "ERR_STREAM_PREMATURE_CLOSE", "ERR_SOCKET_CLOSED",
    ],
    becomes: "connect-lost",
    message: (place) => `${where(place)} closed the connection while it was being set up`,
    hint: (place) => "look into the server's log; check that it is Postgres that answers there"
      + (place.target.tls.mode === "disable" ? ", and try sslmode=require" : ""),
  },
  {
    codes: ["DEPTH_ZERO_SELF_SIGNED_CERT"],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} is signed by nobody but itself`,
    hint: () => "to trust it, save it as a file and name that with sslrootcert=FILE",
  },
  {
    codes: ["SELF_SIGNED_CERT_IN_CHAIN"],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} comes from a private authority that is`
      + " not trusted",
    hint: () => checkAuthority,
  },
  {
    codes: [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "CERT_UNTRUSTED", "CERT_SIGNATURE_FAILURE",
      "INVALID_CA",
    ],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} is signed by an authority that is not`
      + " trusted",
    hint: () => checkAuthority,
  },
  {
    codes: ["CERT_HAS_EXPIRED"],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} has expired`,
    hint: () => "renew it on the server; check this machine's date",
  },
  {
    codes: ["CERT_NOT_YET_VALID"],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} is not valid yet`,
    hint: () => "check this machine's date and the server's",
  },
  {
    codes: ["CERT_REVOKED"],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} has been revoked`,
    hint: () => "give the server a new certificate, or look into the file of sslcrl=",
  },
  {
    codes: ["UNABLE_TO_GET_CRL", "CRL_HAS_EXPIRED", "CRL_SIGNATURE_FAILURE", "CRL_NOT_YET_VALID"],
    becomes: "connect-certificate",
    message: () => "the list of revoked certificates does not fit the server's authority",
    hint: () => "renew the file that sslcrl= names, or ~/.postgresql/root.crl",
  },
  {
    codes: ["INVALID_PURPOSE"],
    becomes: "connect-certificate",
    message: (place) => `the certificate of ${where(place)} is not made for a server`,
    hint: () => "give the server a certificate with the extended key usage serverAuth",
  },
  {
    codes: [
      "ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    ],
    becomes: "connect-certificate",
    message: (place) => `${where(place)} demands a client certificate`,
    hint: () => "name its files with sslcert=FILE and sslkey=FILE",
  },
  {
    codes: [
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
      "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR",
    ],
    becomes: "connect-certificate",
    message: (place) => `${where(place)} does not accept the client certificate`,
    hint: () => "check that the server's ssl_ca_file holds the authority that signed sslcert=, and"
      + " that the certificate has not expired",
  },
  {
    codes: ["ERR_OSSL_BAD_DECRYPT", "ERR_OSSL_BAD_PASSWORD_READ", "ERR_OSSL_EVP_BAD_DECRYPT"],
    becomes: "connect-certificate",
    message: (place) => place.target.tls.keyPassword === undefined
      ? "the client key is encrypted, and there is no password for it"
      : "the password for the client key is wrong",
    hint: () => "give it with sslpassword= in the URL",
  },
  {
    codes: ["ERR_OSSL_X509_KEY_VALUES_MISMATCH"],
    becomes: "connect-certificate",
    message: () => "client certificate and client key do not belong together",
    hint: () => "check the files of sslcert= and sslkey=",
  },
  {
    codes: ["ERR_OSSL_PEM_NO_START_LINE", "ERR_BORINGSSL", "ERR_OSSL_PEM_BAD_BASE64_DECODE"],
    becomes: "connect-certificate",
    message: () => "a certificate or key file is not in PEM form",
    hint: () => "check the files of sslrootcert=, sslcert=, sslkey= and sslcrl=",
  },
  {
    codes: [
      "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "ERR_SSL_UNSUPPORTED_PROTOCOL",
      "ERR_SSL_WRONG_VERSION_NUMBER",
    ],
    becomes: "connect-no-tls",
    message: (place) => `${where(place)} speaks no version of TLS that is allowed here`,
    hint: (place) => `allowed are ${place.target.tls.lowestVersion} to`
      + ` ${place.target.tls.highestVersion}; ssl_min_protocol_version= in the URL changes that`,
  },
];

const byCode: ReadonlyMap<string, Explanation> = new Map(
  explanations.flatMap((explanation) => explanation.codes.map((code) => [code, explanation])),
);

/** Undefined for a code that says nothing known. */
export function networkFailure(
  code: string,
  place: Place,
  cause: unknown,
): PgmateError | undefined {
  // Bun writes the codes of its resolver both ways.
  const explanation = byCode.get(code.replace(/^DNS_/, ""));
  if (explanation !== undefined) {
    const hint = explanation.hint(place);
    const raised = explanation.becomes === "connect-certificate"
      && place.target.tls.raisedBy === "channel_binding";
    return new PgmateError(explanation.becomes, explanation.message(place), {
      hint: raised ? `${hint}; channel_binding=require is met by checking the certificate` : hint,
      cause,
    });
  }
  if (!/^ERR_(SSL|OSSL|TLS)/.test(code)) return undefined;
  const message = `the TLS handshake with ${where(place)} failed: ${code}`;
  return new PgmateError("connect-no-tls", message, { hint: "look into the server's log", cause });
}

function where(place: Place): string {
  return describeHost(place.host);
}

function hostName(place: Place): string {
  return place.host.kind === "tcp" ? place.host.name : place.host.folder;
}

function socketFile(place: Place): string {
  const { host } = place;
  return host.kind === "tcp" ? where(place) : `${host.folder}/.s.PGSQL.${host.port}`;
}

function isReady(place: Place): string {
  return "check host and port, and that the server runs and listens there:"
    + ` pg_isready -h ${hostName(place)} -p ${place.host.port}`;
}

function waited(place: Place): string {
  const limitMs = place.target.connectTimeoutMs;
  return limitMs === undefined ? "" : ` within ${limitMs / 1000} s`;
}
