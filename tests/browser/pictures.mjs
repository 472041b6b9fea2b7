// pictures.mjs FOLDER -- the pictures of the README, of a made-up clinic; see scripts/pictures.
import fs from 'node:fs';
import path from 'node:path';
import { Clinic, logIn, openBrowser } from './clinic.mjs';

const folder = process.argv[2];
const PATIENT = 'sim-005';

const clinic = new Clinic();
await clinic.open({ patients: 10, days: Number(process.env.DAYS ?? 120), names: true });
const day = clinic.stepward(['summary', PATIENT, '--day', 'yesterday', '--format', 'csv'])
  .trim().split('\n')[1].split(',')[1];

// What each shows, at which width, and how much of its height.
const PICTURES = [
  ['now', '/', 1280, 900], ['now-phone', '/', 360, 760], ['now-dark', '/', 1280, 900, 'dark'],
  ['patient', `/patient/${PATIENT}`, 1280, 1000],
  ['patient-phone', `/patient/${PATIENT}`, 360, 900],
  ['patient-quarter', `/patient/${PATIENT}?days=90`, 1280, 1000],
  ['day', `/patient/${PATIENT}/day/${day}`, 1280, 1000],
  ['alerts', '/alerts', 1280, 700], ['clinic', '/clinic', 1280, 700],
  ['plan', `/patient/${PATIENT}/plan?rest_limit=60`, 1280, 900],
  ['devices', '/devices', 1280, 700], ['system', '/system', 1280, 800],
];

const browser = await openBrowser();
fs.mkdirSync(folder, { recursive: true });
for (const [name, at, width, height, colorScheme = 'light'] of PICTURES) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  await logIn(page, clinic, 'boss');
  await page.goto(clinic.url + at);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  await context.close();
}
await browser.close();
await clinic.close();
