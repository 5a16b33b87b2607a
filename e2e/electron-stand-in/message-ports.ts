import { EventEmitter } from 'node:events';

/** Where a port that was handed to the page sends its messages and its end. */
export interface PortBridge {
  deliver(data: unknown): void;
  end(): void;
}

export class StandInPort extends EventEmitter {
  other: StandInPort | null = null;
  bridge: PortBridge | null = null;
  private started = false;
  private ended = false;
  private waiting: unknown[] = [];

  postMessage(data: unknown): void {
    this.other?.receive(structuredClone(data));
  }

  start(): void {
    this.started = true;
    for (const data of this.waiting.splice(0)) this.emit('message', { data, ports: [] });
  }

  receive(data: unknown): void {
    if (this.ended) return;
    if (this.bridge) this.bridge.deliver(data);
    else if (this.started) this.emit('message', { data, ports: [] });
    else this.waiting.push(data);
  }

  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.bridge?.end();
    this.emit('close');
    this.other?.close();
  }
}

export class MessageChannelMain {
  readonly port1 = new StandInPort();
  readonly port2 = new StandInPort();
  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}

export const ipcMain = new EventEmitter();
