import type { ErrorCode } from '../../shared/contract/errors.ts';

export interface ErrorWords {
  /** What happened, a few words, sentence case, no full stop. */
  title: string;
  /** What to do about it, one or two sentences. */
  hint: string;
}

/** Words for every code that can cross the contract. The record is total: a code without words fails the type check. */
export const errorWords: Record<ErrorCode, ErrorWords> = {
  INVALID_INPUT: { title: 'The request is not valid', hint: 'Correct the value that the message names and try again.' },
  NOT_FOUND: { title: 'Not found', hint: 'It may have been removed in the meantime. Refresh and look again.' },
  CONFLICT: { title: 'Changed in the meantime', hint: 'Reload to see the present state, then repeat the change.' },
  CANCELLED: { title: 'Cancelled', hint: 'Start it again when it is needed.' },
  INTERNAL: { title: 'Something failed inside Lookaside', hint: 'Try again. If it happens again, copy the details and report them.' },
  UNSUPPORTED: { title: 'Not supported here', hint: 'The server, its version or this platform does not offer it.' },
  LIMIT_EXCEEDED: { title: 'Too much at once', hint: 'Narrow the selection or the filter and try again.' },
  HOST_UNREACHABLE: {
    title: 'The Lookaside process does not answer',
    hint: 'Reconnecting goes on by itself. If the process was stopped, start it again.',
  },

  DNS_FAILED: { title: 'The host name does not resolve', hint: 'Check the spelling, the VPN and the DNS server. Behind a bastion, set up the SSH tunnel.' },
  CONNECTION_REFUSED: { title: 'The connection is refused', hint: 'Nothing listens on this port, or a firewall rejects it. Check host and port, and that the server runs.' },
  HOST_UNROUTABLE: { title: 'There is no route to the host', hint: 'Check the network, the VPN and the address.' },
  CONNECT_TIMEOUT: { title: 'The server does not answer in time', hint: 'A firewall or security group may drop the packets. Check the address, the VPN and the allow-lists.' },
  CONNECTION_LOST: { title: 'The connection is lost', hint: 'Reconnecting goes on by itself; retry does it now.' },
  SOCKET_MISSING: { title: 'The socket file does not exist', hint: 'Check the path, and that the server runs and is configured with this socket.' },
  SOCKET_DENIED: { title: 'The socket file may not be opened', hint: 'Join the group that owns the socket, or change its permissions on the server.' },

  SSH_HOST_KEY_UNKNOWN: { title: 'The SSH host key is not known yet', hint: 'Compare the fingerprint with one from a trusted source, then trust it.' },
  SSH_HOST_KEY_CHANGED: {
    title: 'The SSH host key has changed',
    hint: 'Someone may be in between, or the host was set up anew. Verify the new fingerprint, then remove the old line from known_hosts.',
  },
  SSH_AUTH_FAILED: { title: 'SSH authentication is refused', hint: 'Check the user, the key or password, and that the public key is in authorized_keys.' },
  SSH_KEY_UNREADABLE: { title: 'The SSH key cannot be read', hint: 'Check the path, the permissions and that the file is a private key.' },
  SSH_PASSPHRASE_REQUIRED: { title: 'The SSH key needs its passphrase', hint: 'Enter the passphrase, or load the key into the SSH agent.' },
  SSH_AGENT_UNAVAILABLE: { title: 'The SSH agent is not available', hint: 'Start an agent and add the key with ssh-add, or choose a key file.' },
  SSH_FORWARD_REFUSED: { title: 'The SSH server refuses to forward', hint: 'Check AllowTcpForwarding and PermitOpen on the SSH server, and that the target is reachable from there.' },
  SSH_CONFIG_INVALID: { title: 'The SSH configuration is not valid', hint: 'Correct the line in ~/.ssh/config that the message names.' },
  SSH_FAILED: { title: 'The SSH connection failed', hint: 'Try the same with ssh -v to see each step.' },

  TLS_EXPECTED_BY_SERVER: { title: 'The server expects TLS', hint: 'Turn TLS on for this connection.' },
  TLS_NOT_SPOKEN: { title: 'The server does not speak TLS on this port', hint: 'Turn TLS off, or use the TLS port of the server.' },
  TLS_CERT_EXPIRED: { title: 'The certificate has expired', hint: 'Renew the certificate on the server. Pinning accepts exactly this one until then.' },
  TLS_CERT_NOT_YET_VALID: { title: 'The certificate is not valid yet', hint: 'Check the clocks of this machine and of the server.' },
  TLS_CERT_SELF_SIGNED: { title: 'The certificate is self-signed', hint: 'Give the CA file, or pin this certificate after comparing its fingerprint.' },
  TLS_CERT_UNTRUSTED: { title: 'The certificate comes from an unknown authority', hint: 'Give the CA file, or pin this certificate after comparing its fingerprint.' },
  TLS_NAME_MISMATCH: { title: 'The certificate is for another name', hint: 'Connect by a name that the certificate lists, or set the server name.' },
  TLS_PIN_MISMATCH: { title: 'The certificate is not the pinned one', hint: 'If the certificate was renewed on purpose, verify the new fingerprint and pin it again.' },
  TLS_CLIENT_CERT_REQUIRED: { title: 'The server wants a client certificate', hint: 'Set the certificate and key files.' },
  TLS_MATERIAL_INVALID: { title: 'A certificate or key file is not usable', hint: 'Check that the paths exist, hold PEM, and that certificate and key belong together.' },
  TLS_FAILED: { title: 'The TLS handshake failed', hint: 'Check the TLS versions and ciphers that the server accepts.' },

  REDIS_AUTH_REQUIRED: { title: 'The server wants a password', hint: 'Enter the password, and the user name when ACL users are in use.' },
  REDIS_WRONG_PASSWORD: { title: 'User name or password is wrong', hint: 'Check both. Without a user name the password is that of the user "default".' },
  REDIS_NO_PERMISSION: { title: 'This user may not do that', hint: 'Use another user, or let an administrator extend the ACL of this one.' },
  REDIS_PROTECTED_MODE: { title: 'The server is in protected mode', hint: 'It accepts loopback only until a password is set. Connect through SSH, or set a password on the server.' },
  REDIS_LOADING: { title: 'The server loads its data set', hint: 'Wait until it has read its file; reconnecting goes on by itself.' },
  REDIS_MASTER_DOWN: { title: 'The replica has lost its master', hint: 'Connect to the master, or wait for the failover.' },
  REDIS_CLUSTER_DOWN: { title: 'The cluster is down', hint: 'Some slots have no node. Check CLUSTER INFO and the nodes that fail.' },
  REDIS_MAX_CLIENTS: { title: 'The server has no free connection', hint: 'Raise maxclients, or close idle clients.' },
  REDIS_WRONG_DB: { title: 'This database does not exist', hint: 'Choose a number below the count of databases. A cluster has only database 0.' },
  REDIS_WRONG_TYPE: { title: 'The key holds another type', hint: 'It was replaced in the meantime. Reload the key.' },
  REDIS_READ_ONLY_REPLICA: { title: 'The server is a read-only replica', hint: 'Connect to the master to write.' },
  REDIS_OUT_OF_MEMORY: { title: 'The server has no memory left', hint: 'It refuses writes at maxmemory. Free memory, raise the limit or set an eviction policy.' },
  REDIS_BUSY: { title: 'The server is busy with a script', hint: 'Wait for it to end, or stop it with SCRIPT KILL or FUNCTION KILL.' },
  REDIS_MISCONF: { title: 'The server refuses writes because it cannot save', hint: 'Check the disk and the log of the server.' },
  REDIS_CLUSTER_MODE_MISMATCH: { title: 'The kind of server does not match', hint: 'Choose the topology "Automatic" or the one that the message names.' },
  REDIS_SENTINEL_NO_MASTER: { title: 'Sentinel does not know this master', hint: 'Check the name of the master; the message lists the names that exist.' },
  REDIS_SENTINEL_UNREACHABLE: { title: 'No Sentinel answers', hint: 'Check the addresses of the Sentinels and the network.' },
  REDIS_NOT_REDIS: { title: 'This is not a Redis server', hint: 'Something else answers on this port. Check host and port.' },
  REDIS_COMMAND_FAILED: { title: 'The server refused the command', hint: 'The message is the server’s own.' },
  OUTCOME_UNKNOWN: {
    title: 'It is not known whether it was done',
    hint: 'The connection broke after the command was sent. Look at the present state before repeating it.',
  },
  READ_ONLY: { title: 'The connection is read-only', hint: 'Unlock writing in the status bar, for a time and with a reason.' },
  NOT_CONNECTED: { title: 'Not connected', hint: 'Open the workspace, or retry the connection.' },
  KEY_GONE: { title: 'The key does not exist any more', hint: 'It has expired, or was deleted or evicted.' },

  PG_WRONG_PASSWORD: { title: 'Postgres refuses the password', hint: 'Check user and password.' },
  PG_PASSWORD_REQUIRED: { title: 'Postgres wants a password', hint: 'Enter it, or put it into .pgpass.' },
  PG_WRONG_DATABASE: { title: 'The database does not exist', hint: 'Check the name of the database.' },
  PG_WRONG_ROLE: { title: 'The role does not exist', hint: 'Check the user name.' },
  PG_NO_HBA_ENTRY: { title: 'The server has no access rule for this connection', hint: 'Let an administrator allow this host, user and database in the pg_hba file; some rules demand TLS.' },
  PG_TOO_MANY_CONNECTIONS: { title: 'Postgres has no free connection', hint: 'Close idle sessions, raise max_connections, or connect through a pooler.' },
  PG_STARTING_UP: { title: 'Postgres is starting up', hint: 'Wait a moment; reconnecting goes on by itself.' },
  PG_NO_PERMISSION: { title: 'This role may not do that', hint: 'Use another role, or let an administrator grant it.' },
  PG_NOT_POSTGRES: { title: 'This is not a Postgres server', hint: 'Something else answers on this port. Check host and port.' },
  PG_QUERY_FAILED: { title: 'The query failed', hint: 'The message is the server’s own.' },

  PARSE_FAILED: { title: 'The text cannot be read', hint: 'Paste a URL, a redis-cli line, a .env line or a libpq string.' },
  IMPORT_UNREADABLE: { title: 'The file is not a known export', hint: 'Exports of RedisInsight, Another Redis Desktop Manager, Tiny RDM and Lookaside can be read.' },
  STORE_DISK_FULL: { title: 'The disk is full', hint: 'Free some space; nothing that was saved before is lost.' },
  STORE_DENIED: { title: 'The data folder may not be written', hint: 'Check the owner and the permissions of the data folder.' },
  STORE_CORRUPT: { title: 'A stored file is damaged', hint: 'A copy of it was kept beside it. Restore it from a backup, or start anew.' },
  STORE_FAILED: { title: 'Saving failed', hint: 'Check the disk that holds the data folder, then try again.' },
  SECRETS_NOT_PROTECTED: { title: 'Secrets cannot be protected here', hint: 'They are kept in memory for this session only. Set up a system keychain to store them.' },
  DEMO_UNAVAILABLE: { title: 'The demo cannot start', hint: 'It needs a redis-server. Install one (apt install redis-server, brew install redis) and try again.' },
};
