// pictures.mjs FOLDER -- the pictures of the README, of a made-up clinic; see scripts/pictures.
import fs from 'node:fs';
import path from 'node:path';
import { Clinic, logIn, openBrowser } from './clinic.mjs';

const folder = process.argv[2];
const PATIENT = 'sim-009';
const WITH_ALERT = 'sim-003'; // who has not worn the band since noon
const PATIENTS = 10;
const DAY_MS = 86_400_000;

const clinic = new Clinic();
const browser = await openBrowser();

const daysAgo = (n) => new Date(Date.now() - n * DAY_MS).toISOString().slice(0, 10);

function medianSteps(patient) {
  const days = JSON.parse(clinic.stepward(['summary', patient, '--days', '28', '--format', 'json']))
    .filter((day) => day.valid).map((day) => day.steps).sort((a, b) => a - b);
  return days[days.length >> 1] ?? 5000;
}

// Goals that each can meet on a good day, raised two weeks ago; somebody was called.
function fill() {
  const rounded = (steps) => String(Math.max(Math.round(steps / 250) * 250, 500));
  for (let i = 1; i <= PATIENTS; i++) {
    const patient = `sim-${String(i).padStart(3, '0')}`, steps = medianSteps(patient);
    for (const [from, share] of [[100, 0.8], [14, 1]])
      clinic.stepward(['patient', 'set', patient, '--from', daysAgo(from),
        '--goal', rounded(share * steps), '--floor', rounded(share * steps / 2),
        '--ceiling', rounded(share * steps * 1.6)]);
  }
  for (const [days, outcome, note] of [[20, 'visit', 'walks without the stick'],
    [9, 'called', 'back hurts less'], [2, 'plan', 'a rest after lunch is fine']])
    clinic.stepward(['contact', PATIENT, '--outcome', outcome, '--note', note,
      '--by', 'anna', '--at', `${daysAgo(days)} 10:30`]);
  const open = JSON.parse(clinic.stepward(['alerts', '--format', 'json']));
  if (open.length > 2)
    clinic.stepward(['ack', open[1].id ?? open[1].alert, '--by', 'anna', '--note', 'on my way']);
  clinic.stepward(['backup']);
}

// What each shows, at which width, and how much of its height.
const pictures = () => {
  const day = daysAgo(1);
  return [
    ['now', '/', 1280, 760], ['now-phone', '/', 360, 740], ['now-dark', '/', 1280, 760, 'dark'],
    ['patient', `/patient/${WITH_ALERT}`, 1100, 1180],
    ['patient-phone', `/patient/${WITH_ALERT}`, 360, 740],
    ['patient-quarter', `/patient/${PATIENT}?days=90`, 1100, 900],
    ['day', `/patient/${PATIENT}/day/${day}`, 1100, 900],
    ['alerts', '/alerts', 1100, 700], ['clinic', '/clinic', 1100, 640],
    ['plan', `/patient/${PATIENT}/plan?rest_limit=60`, 1100, 760],
    ['devices', '/devices', 1100, 560], ['system', '/system', 1100, 760],
  ];
};

try {
  await clinic.open({ patients: PATIENTS, days: Number(process.env.DAYS ?? 120), names: true });
  fill();
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, at, width, height, colorScheme = 'light'] of pictures()) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme,
      locale: 'en-GB' });
    const page = await context.newPage();
    await logIn(page, clinic, 'boss');
    await page.goto(clinic.url + at);
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
  await clinic.close();
}
