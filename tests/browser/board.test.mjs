// board.test.mjs -- the board in Debian's Chromium, as therapists use it: every screen at
// three widths, by keyboard, without script, on paper, and while programs are killed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Clinic, logIn, openBrowser, until } from './clinic.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WIDTHS = [360, 768, 1280];
const PICTURES = process.env.STEPWARD_PICTURES; // a folder: each screen is kept there
const PATIENT = 'sim-001';

let clinic, browser;
before(async () => {
  clinic = new Clinic();
  await clinic.open();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await clinic?.close();
});

// A page of its own context, logged in; what goes wrong in it fails the test.
async function pageOf(t, user, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text()))
      errors.push(message.text());
  });
  await logIn(page, clinic, user);
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, []);
  });
  return page;
}

function today() {
  return clinic.stepward(['summary', PATIENT, '--day', 'today', '--format', 'csv'])
    .trim().split('\n')[1].split(',')[1];
}

const SCREENS = () => ({
  now: '/', patient: `/patient/${PATIENT}`, day: `/patient/${PATIENT}/day/${today()}`,
  alerts: '/alerts', clinic: '/clinic', plan: `/patient/${PATIENT}/plan`,
  devices: '/devices', system: '/system',
});

async function violations(page) {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`);
  });
}

test('every screen fits its width, and axe finds nothing to complain of', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    // Without the policy, which rightly forbids a tester's script.
    const page = await pageOf(t, 'boss', { colorScheme, bypassCSP: true });
    for (const [name, at] of Object.entries(SCREENS()))
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const answer = await page.goto(clinic.url + at);
        assert.equal(answer.status(), 200, name);
        const overhang = await page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overhang <= 0, `${name} at ${width} px is ${overhang} px too wide`);
        assert.deepEqual(await violations(page), [], `${name}, ${width} px, ${colorScheme}`);
        if (PICTURES) {
          fs.mkdirSync(PICTURES, { recursive: true });
          await page.screenshot({ fullPage: true,
            path: path.join(PICTURES, `${name}-${width}-${colorScheme}.png`) });
        }
      }
  }
});

test('what can be pressed is large enough for a finger', async (t) => {
  const page = await pageOf(t, 'boss', { viewport: { width: 360, height: 800 }, hasTouch: true });
  for (const [name, at] of Object.entries(SCREENS())) {
    await page.goto(clinic.url + at);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, select, input:not([type=hidden]), nav a, .button')]
        .map((e) => [e, e.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && (box.height < 44 || box.width < 44))
        .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`));
    assert.deepEqual(small, [], name);
  }
});

test('a name that looks like markup is a name', async (t) => {
  const page = await pageOf(t, 'boss');
  for (const at of ['/', '/clinic', '/patient/sim-001', '/devices', '/alerts']) {
    await page.goto(clinic.url + at);
    assert.equal(await page.locator('img[src="x"]').count(), 0, at);
    assert.notEqual(await page.title(), '1');
  }
  await page.goto(clinic.url);
  assert.ok((await page.innerText('main')).includes('"><img src=x'));
});

test('a change is seen on an open board, and the focus stays', async (t) => {
  const page = await pageOf(t, 'anna');
  const id = clinic.stepward(['alerts', '--format', 'csv', '--therapist', 'anna'])
    .split('\n').find((line) => line.includes(',open,')).match(/sim-\d+-[a-z]+-\d+/)[0];
  await page.locator('nav a').first().focus();
  clinic.stepward(['ack', id, '--by', 'ben']);
  await until('the acknowledgement is on the board', async () =>
    (await page.innerText('main')).includes('seen by ben'));
  clinic.stepward(['contact', id.match(/sim-\d+/)[0], '--outcome', 'called', '--alert', id]);
  await until('the contact is on the board', async () =>
    /contact \d/.test(await page.innerText('main')));
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'A');
  // What came with a change can be pressed: its form has the token of this page.
  await page.locator('form[action="/act/unack"]', { has: page.locator(`[value="${id}"]`) })
    .locator('button').click();
  await until('it is open again', () => clinic.stepward(['alerts', '--format', 'csv'])
    .split('\n').some((line) => line.includes(id) && line.includes(',open,')));
});

test('by keyboard alone: search, next, acknowledge', async (t) => {
  const page = await pageOf(t, 'anna');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.type), 'search');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  assert.ok(await page.evaluate(() => document.activeElement.closest('[data-key]') !== null));
  const open = () => clinic.stepward(['alerts', '--format', 'csv', '--therapist', 'anna'])
    .split('\n').filter((line) => line.includes(',open,')).length;
  const before = open();
  await page.keyboard.press('a');
  await until('one alert fewer is open', () => open() < before);
});

// What an alert is now, as the listing has it.
const stateOf = (id) => clinic.stepward(['alerts', '--all', '--format', 'csv'])
  .split('\n').find((line) => line.includes(id));

// The line about what was done: on the page, in sight, and with the focus in it.
async function assertDone(page, words, focused) {
  await until(`"${words}" has the focus`, () => page.evaluate(([text, what]) => {
    const line = document.querySelector('.done'), active = document.activeElement;
    return line?.textContent.includes(text) && line.contains(active) &&
      active.textContent.includes(what);
  }, [words, focused]).catch(() => false)); // the page is only just coming
  const box = await page.locator('.done').boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= page.viewportSize().height, JSON.stringify(box));
}

test('what was done is told in sight, and one press takes it back', async (t) => {
  const page = await pageOf(t, 'anna', { viewport: { width: 360, height: 640 }, bypassCSP: true });
  for (const at of ['/', '/alerts']) {
    await page.goto(clinic.url + at);
    const form = page.locator('form[action="/act/ack"]').last();
    const id = await form.locator('input[name="id"]').getAttribute('value');
    await form.locator('button').focus();
    await page.keyboard.press('Enter');
    await assertDone(page, 'Seen:', 'Undo');
    assert.match(stateOf(id), /acknowledged/);
    assert.equal(page.url(), clinic.url + at); // and loaded again, it is over
    assert.deepEqual(await violations(page), [], at);
    await page.keyboard.press('Enter');
    await assertDone(page, 'Open again:', 'Open again:');
    assert.match(stateOf(id), /,open,/);
    const later = page.locator('details', { has: page.locator(`[value="${id}"]`) });
    await later.locator('summary').first().click();
    await later.getByText('tomorrow, 8:00').or(later.getByText('this morning, 8:00')).click();
    await assertDone(page, 'Shown again at', 'Undo');
    assert.match(stateOf(id), /T08:00:/);
    await page.keyboard.press('Enter');
    await assertDone(page, 'Open again:', 'Open again:');
    assert.doesNotMatch(stateOf(id), /T08:00:/);
    await page.reload();
    assert.equal(await page.locator('.done').count(), 0);
  }
});

test('what was done is told for ten minutes', async (t) => {
  const page = await pageOf(t, 'anna');
  await page.clock.install();
  await page.goto(clinic.url);
  const form = page.locator('form[action="/act/ack"]').last();
  const id = await form.locator('input[name="id"]').getAttribute('value');
  await form.locator('button').click();
  await assertDone(page, 'Seen:', 'Undo');
  await page.clock.fastForward('09:00');
  assert.equal(await page.locator('.done').count(), 1);
  await page.clock.fastForward('01:30');
  assert.equal(await page.locator('.done').count(), 0);
  clinic.stepward(['unack', id]);
});

// Whoever types leaves the field to press a button, and what changed meanwhile waits.
test('a note that was typed is not taken away by what changes, and is recorded', async (t) => {
  const page = await pageOf(t, 'anna');
  await page.goto(`${clinic.url}/patient/${PATIENT}`);
  const section = page.locator('[data-key="contacts"]');
  const contacts = () => clinic.stepward(['contact', PATIENT, '--list']);
  await section.locator('input[name="note"]').fill('walks with a stick now');
  await page.evaluate(() => {
    globalThis.seen = document.querySelector('[data-key="contacts"]');
  });
  clinic.stepward(['contact', PATIENT, '--outcome', 'visit', '--note', 'came by']);
  clinic.stepward(['patient', 'set', PATIENT, '--goal', '6100']);
  await until('another change is on the page', async () =>
    (await page.innerText('main')).includes('6,100'));
  const button = section.getByRole('button');
  const box = await button.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  clinic.stepward(['patient', 'set', PATIENT, '--goal', '6200']); // it is a slow hand
  await until('one more change is on the page', async () =>
    (await page.innerText('main')).includes('6,200'));
  assert.equal(await page.evaluate(() => globalThis.seen.isConnected), true);
  assert.equal(await section.locator('input[name="note"]').inputValue(), 'walks with a stick now');
  await Promise.all([page.waitForEvent('load'), page.mouse.up()]);
  await until('the note is recorded', () => contacts().includes('walks with a stick now'));
  // A field as it was given keeps nothing waiting.
  await page.goto(`${clinic.url}/patient/${PATIENT}`);
  await section.locator('input[name="note"]').fill('x');
  clinic.stepward(['contact', PATIENT, '--outcome', 'called', '--note', 'called back']);
  clinic.stepward(['patient', 'set', PATIENT, '--goal', '6000']);
  await until('another change is on the page', async () =>
    (await page.innerText('main')).includes('6,000'));
  assert.ok(!(await section.innerText()).includes('called back'));
  await section.locator('input[name="note"]').fill('');
  await page.locator('h1').click();
  await until('what waited is on the page', async () =>
    (await section.innerText()).includes('called back'));
});

test('a long name breaks, and nothing runs over the strip beside it', async (t) => {
  const page = await pageOf(t, 'boss');
  clinic.stepward(['patient', 'set', 'sim-003', '--name',
    'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh']);
  for (const width of [360, 704, 768, 1152, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(clinic.url);
    const over = await page.evaluate(() => [...document.querySelectorAll('.rows > li')]
      .flatMap((row) => {
        const why = row.querySelector('.why').getBoundingClientRect();
        return [...row.querySelectorAll('.why *')]
          .filter((e) => e.getBoundingClientRect().right > why.right + 1)
          .map((e) => e.textContent);
      }));
    assert.deepEqual(over, [], `${width} px`);
  }
});

test('the wall is read from across the room, and has nothing to press', async (t) => {
  const page = await pageOf(t, 'hall', { viewport: { width: 1920, height: 1080 } });
  const { sizes, pressed } = await page.evaluate(() => ({
    sizes: [...document.querySelectorAll('main *')]
      .filter((e) => e.getClientRects().length && !e.closest('svg, h1') &&
        [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
      .map((e) => parseFloat(getComputedStyle(e).fontSize)),
    pressed: document.querySelectorAll('form, button, summary, main a').length,
  }));
  assert.ok(sizes.length > 10 && Math.min(...sizes) >= 22, `${Math.min(...sizes)} px`);
  assert.equal(await page.locator('.wall .legend').isVisible(), false);
  assert.ok(pressed <= 1, `${pressed} to press`); // the legend's, which is not shown
});

test('without script: read, acknowledge, take it back', async (t) => {
  const page = await pageOf(t, 'boss', { javaScriptEnabled: false });
  for (const [name, at] of Object.entries(SCREENS())) {
    assert.equal((await page.goto(clinic.url + at)).status(), 200, name);
    assert.ok((await page.innerText('main')).length > 40, name);
  }
  await page.goto(clinic.url);
  const form = page.locator('form[action="/act/ack"]').first();
  const id = await form.locator('input[name="id"]').getAttribute('value');
  await form.locator('button').click();
  const state = () => clinic.stepward(['alerts', '--all', '--format', 'csv'])
    .split('\n').find((line) => line.includes(id));
  assert.match(state(), /acknowledged/);
  await assertDone(page, 'Seen:', 'Undo');
  await page.locator('.done button').click();
  assert.match(state(), /open/);
  await assertDone(page, 'Open again:', 'Open again:');
  await page.goto(clinic.url);
  await page.locator('form[action="/act/ack"]', { has: page.locator(`[value="${id}"]`) })
    .locator('button').first().click();
  await page.goto(clinic.url);
  await page.locator('form[action="/act/unack"]', { has: page.locator(`[value="${id}"]`) })
    .locator('button').click();
  assert.match(state(), /open/);
});

test('a limit is a number, which a slider moves and which moves the slider', async (t) => {
  const page = await pageOf(t, 'boss');
  await page.goto(`${clinic.url}/patient/${PATIENT}/plan`);
  const number = page.locator('input[name="rest_limit"]');
  const slider = page.locator('input[data-moves="rest_limit"]');
  await slider.focus();
  await page.keyboard.press('Home');
  assert.equal(await number.inputValue(), '30');
  await page.locator('[data-key="whatif"] b', { hasText: '30 min' }).waitFor();
  await number.fill('120');
  assert.equal(await slider.inputValue(), '120');
  await page.locator('[data-key="whatif"] b', { hasText: '2 h' }).waitFor();
});

test('each day of a chart leads to its page', async (t) => {
  const page = await pageOf(t, 'boss');
  await page.goto(`${clinic.url}/patient/${PATIENT}`);
  await page.locator('.day-links.across a').nth(3).click();
  await page.waitForURL(/\/day\/\d{4}-\d\d-\d\d$/);
});

test('on paper: a page prints to A4', async (t) => {
  const page = await pageOf(t, 'boss');
  for (const name of ['now', 'patient', 'plan']) {
    await page.goto(clinic.url + SCREENS()[name]);
    const pdf = await page.pdf({ format: name === 'plan' ? 'A5' : 'A4' });
    assert.ok(pdf.length > 5000, name);
    if (PICTURES) fs.writeFileSync(path.join(PICTURES, `${name}.pdf`), pdf);
  }
});

test('a therapist sees their own patients, and no others', async (t) => {
  const page = await pageOf(t, 'ben');
  const status = async (at) => (await page.request.get(clinic.url + at)).status();
  for (const at of ['', '/plan', `/day/${today()}`]) {
    assert.equal(await status(`/patient/${PATIENT}${at}`), 404, at);
    assert.equal(await status(`/patient/nobody${at}`), 404, at);
    assert.equal(await status(`/patient/sim-004${at}`), 200, at);
  }
  assert.ok(!(await page.content()).includes(PATIENT));
  for (const at of ['/alerts', '/clinic', '/devices']) {
    await page.goto(clinic.url + at);
    assert.ok(!(await page.content()).includes(PATIENT), at);
  }
});

test('the wall shows no names, and nothing to press', async (t) => {
  const page = await pageOf(t, 'hall');
  const text = await page.innerText('main');
  assert.ok(!text.includes('Ada Lindqvist'));
  assert.ok(text.includes('sim-001'));
  assert.equal(await page.locator('main button').count(), 0);
  for (const at of [`/patient/${PATIENT}`, '/clinic', '/alerts', '/devices', '/system'])
    assert.equal((await page.request.get(clinic.url + at)).status(), 403, at);
});

// One request by hand: what a browser would not send.
function request(options, body = '') {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: '127.0.0.1', port: clinic.webPort, ...options },
      (answer) => {
        let text = '';
        answer.on('data', (part) => { text += part; });
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
      });
    sent.once('error', reject);
    sent.end(body);
  });
}

async function cookieOf(page) {
  return (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
}

test('a rebound host, a foreign origin and a stale token are refused', async (t) => {
  const page = await pageOf(t, 'anna');
  const Cookie = await cookieOf(page);
  const Host = `127.0.0.1:${clinic.webPort}`;
  const token = await page.locator('input[name="token"]').first().getAttribute('value');
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const post = (headers, given) => request({ method: 'POST', path: '/act/ack',
    headers: { Host, Cookie, ...type, ...headers } }, `token=${given}&back=/&id=none`);
  assert.equal((await request({ path: '/', headers: { Host: 'evil.example', Cookie } })).status, 421);
  assert.equal((await post({ Origin: 'http://evil.example' }, token)).status, 403);
  assert.equal((await post({ Origin: clinic.url }, '0'.repeat(32))).status, 403);
  assert.notEqual((await post({ Origin: clinic.url }, token)).status, 403);
  const { headers } = await request({ path: '/', headers: { Host, Cookie } });
  assert.match(headers['content-security-policy'], /default-src 'self'/);
  assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
  assert.ok(Cookie.length > 32);
});

test('a slow client keeps nobody waiting, and is let go', async (t) => {
  const page = await pageOf(t, 'anna');
  const slow = await Promise.all([...Array(20)].map(() => new Promise((resolve) => {
    const socket = net.connect(clinic.webPort, '127.0.0.1', () => {
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
      resolve(socket);
    });
    socket.on('error', () => {});
  })));
  assert.equal((await page.goto(clinic.url)).status(), 200);
  await until('the slow ones are let go', () => slow.every((s) => {
    s.write('a', () => {});
    return s.destroyed || s.readyState === 'closed' || s.writableEnded;
  }));
});

test('twenty boards outlive the gateway and the board killed', async (t) => {
  const pages = [];
  const context = await browser.newContext();
  t.after(() => context.close());
  const first = await context.newPage();
  await logIn(first, clinic, 'boss');
  pages.push(first);
  for (let i = 1; i < 20; i++) {
    const page = await context.newPage();
    await page.goto(clinic.url);
    pages.push(page);
  }
  await clinic.end('gateway', 'SIGKILL');
  await clinic.end('web', 'SIGKILL');
  clinic.startGateway();
  await clinic.startWeb(); // nobody has to log in again
  const id = clinic.stepward(['alerts', '--format', 'csv']).split('\n')
    .find((line) => line.includes(',open,')).match(/sim-\d+-[a-z]+-\d+/)[0];
  clinic.stepward(['ack', id, '--by', 'zoe']);
  await first.bringToFront();
  await until('an open board shows what happened since', async () =>
    (await first.content()).includes('seen by zoe'));
  clinic.stepward(['unack', id]);
});

test('the numbers of a screen are those of the command', async (t) => {
  const page = await pageOf(t, 'boss');
  await page.goto(`${clinic.url}/patient/${PATIENT}`);
  const shown = new Map(await page.locator('table tbody tr').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('data')].map((cell) => cell.value))
      .map(([day, ...numbers]) => [day, numbers])));
  const csv = clinic.stepward(['summary', PATIENT, '--days', '28', '--format', 'csv'])
    .trim().split('\n').slice(1, -1).map((line) => line.split(',')); // today goes on
  assert.ok(csv.length >= 20);
  for (const [, day, steps] of csv)
    assert.equal(shown.get(day)?.[0], steps, day);
});

test('a wrong password is refused, and tries are limited', async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const statuses = [];
  page.on('response', (answer) => {
    if (answer.request().method() === 'POST') statuses.push(answer.status());
  });
  for (let i = 0; i < 12 && !statuses.includes(429); i++) {
    await page.goto(`${clinic.url}/login`);
    await page.fill('input[name="user"]', 'ben');
    await page.fill('input[name="password"]', 'wrong and wrong again');
    await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'),
      page.press('input[name="password"]', 'Enter')]);
  }
  assert.ok(statuses.every((status) => status >= 400), String(statuses));
  assert.ok(statuses.includes(429), String(statuses));
});
