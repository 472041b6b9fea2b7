// clinic.mjs -- a clinic for a test in the browser: a broker, the gateway, simulated
// patients, stepward-web with its users, and Debian's Chromium.
//
// Everything lives in a temporary folder and on free ports of 127.0.0.1. What waits, waits
// for a condition, with a deadline.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const DEADLINE_MS = 120_000;
export const PASSWORD = 'a quiet walk every hour';

export async function until(what, condition, deadlineMs = DEADLINE_MS) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const listens = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

// A zone where it is early afternoon now, so that today's wake window is open. Etc/GMT's
// sign is inverted.
function afternoonZone() {
  let ahead = 15 - new Date().getUTCHours();
  if (ahead > 12) ahead -= 24;
  if (ahead < -12) ahead += 24;
  return ahead >= 0 ? `Etc/GMT-${ahead}` : `Etc/GMT+${-ahead}`;
}

export class Clinic {
  constructor() {
    this.bin = process.env.STEPWARD_BIN;
    if (!this.bin) throw new Error('STEPWARD_BIN: the folder of the programs');
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stepward-browser-'));
    this.config = path.join(this.folder, 'stepward.conf');
    this.zone = afternoonZone();
    this.processes = new Map();
  }

  // In the background, with its output in NAME.log.
  start(name, program, ...args) {
    const log = fs.openSync(path.join(this.folder, `${name}.log`), 'a');
    const child = spawn(program, args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, STEPWARD_CONFIG: this.config,
        PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` },
    });
    fs.closeSync(log);
    child.done = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    this.processes.set(name, child);
    return child;
  }

  async end(name, signal = 'SIGTERM') {
    const child = this.processes.get(name);
    this.processes.delete(name);
    if (!child) return 0;
    child.kill(signal);
    return child.done;
  }

  log(name) {
    const file = path.join(this.folder, `${name}.log`);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  // stepward ARGUMENT…: what it printed; an exit code that is not 0 is an error.
  stepward(args, { input = '', codes = [0] } = {}) {
    const done = spawnSync(`${this.bin}/stepward`, ['-c', this.config, ...args],
      { input, encoding: 'utf8' });
    if (!codes.includes(done.status))
      throw new Error(`stepward ${args.join(' ')}: ${done.status}: ${done.stderr}`);
    return done.stdout;
  }

  async open({ patients = 12, days = 28, names = false } = {}) {
    this.brokerPort = await freePort();
    this.webPort = await freePort();
    this.url = `http://127.0.0.1:${this.webPort}`;
    fs.writeFileSync(path.join(this.folder, 'mosquitto.conf'),
      `listener ${this.brokerPort} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
    fs.writeFileSync(this.config, `site = "browser"
timezone = "${this.zone}"
data_dir = "${this.folder}/data"
max_age = "400d"
commit_interval = "1s"
alert_budget = 0
broker { uri = "mqtt://127.0.0.1:${this.brokerPort}"  client_id = "stepward-browser" }
plan { therapist = "anna"  rest_limit = "90m"  goal = 6000  floor = 2500  ceiling = 15000 }
web { listen = "127.0.0.1:${this.webPort}" }
`);
    this.start('broker', 'mosquitto', '-c', path.join(this.folder, 'mosquitto.conf'));
    await until('the broker listens', () => listens(this.brokerPort));
    for (let i = 1; i <= patients; i++) {
      const id = `sim-${String(i).padStart(3, '0')}`;
      this.stepward(['patient', 'add', id, '--name', names ? PEOPLE[i % PEOPLE.length] : NAMES[i % NAMES.length],
        '--therapist', i % 4 === 0 ? 'ben' : 'anna']);
    }
    for (const [id, ...role] of [['anna', 'therapist'], ['ben', 'therapist'],
      ['boss', 'admin'], ['hall', 'wall']])
      this.stepward(['user', 'add', id, '--role', role[0]], { input: `${PASSWORD}\n` });
    this.startGateway();
    await until('the gateway listens', () =>
      JSON.parse(this.stepward(['status', '--format', 'json'], { codes: [0, 1] }))[0]?.connected);
    this.start('simulate', `${this.bin}/stepward`, '-c', this.config, 'simulate',
      '--patients', String(patients), '--days', String(days));
    await until('the simulated days are stored', () =>
      this.stepward(['summary', '--format', 'csv', '--days', String(days)])
        .split('\n').length > patients * (days - 1));
    await until('a rest is reported', () =>
      this.stepward(['alerts', '--format', 'csv']).includes(',rest,'));
    await this.startWeb();
  }

  startGateway() {
    return this.start('gateway', `${this.bin}/stepward-gateway`, '-c', this.config);
  }

  async startWeb() {
    this.start('web', `${this.bin}/stepward-web`, '-c', this.config);
    await until('the board answers', () => listens(this.webPort));
  }

  // Fails where a program ended as it should not, or a sanitizer had something to say.
  async close() {
    const codes = {};
    for (const name of ['web', 'gateway'])
      if (this.processes.has(name)) codes[name] = await this.end(name);
    for (const name of [...this.processes.keys()]) await this.end(name, 'SIGKILL');
    const said = ['web', 'gateway'].map((name) => this.log(name)).join('')
      .match(/.*(Sanitizer|runtime error:).*/g);
    fs.rmSync(this.folder, { recursive: true, force: true });
    if (said) throw new Error(said.join('\n'));
    for (const [name, code] of Object.entries(codes))
      if (code !== 0) throw new Error(`${name} ended with ${code}`);
  }
}

// The second would do something, if a page took it for markup.
const NAMES = ['Ada Lindqvist', '"><img src=x onerror="document.title=1">', 'Bruno Okafor',
  'Chiara de Santis-Hohenberger', 'Dmitri', 'Élodie Tremblay', 'Femke van der Berg'];

const PEOPLE = ['Ada Lindqvist', 'Bruno Okafor', 'Chiara de Santis', 'Dmitri Halloran',
  'Élodie Tremblay', 'Femke van der Berg', 'Goran Petrov', 'Hanna Ito', 'Ines Baptista',
  'Jonas Weber'];

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'] });
}

export async function logIn(page, clinic, user) {
  await page.goto(`${clinic.url}/login`);
  await page.fill('input[name="user"]', user);
  await page.fill('input[name="password"]', PASSWORD);
  await page.press('input[name="password"]', 'Enter');
  await page.waitForURL(`${clinic.url}/`);
}
