// Another client of the server: a PING every ms until it is told to stop. Plain JavaScript, so that it starts at once.
// @ts-check
import { connect } from 'node:net';

const socket = connect(Number(process.argv[2]), '127.0.0.1');
socket.setNoDelay(true);
/** @type {number[]} */
const times = [];
let sentAt = 0;
let stopped = false;

function ping() {
  sentAt = performance.now();
  socket.write('*1\r\n$4\r\nPING\r\n');
}

socket.once('connect', () => {
  process.send?.('ready');
  ping();
});
socket.on('data', () => {
  times.push(performance.now() - sentAt);
  if (stopped) return;
  setTimeout(ping, Math.max(0, 1 - (performance.now() - sentAt)));
});
process.on('message', () => {
  stopped = true;
  process.send?.(times);
  socket.destroy();
});
